#pragma once

#include <okhttp/url.hpp>

#include <string>

namespace okhttp::internal {

/// The URL as logs and messages may show it: without user information, query and fragment.
inline std::string printable_url(const Url& url) {
  std::string text(url.scheme());
  text += "://";
  text += url.host_header();
  text += url.encoded_path();
  return text;
}

}  // namespace okhttp::internal
