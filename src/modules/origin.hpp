#pragma once

#include <okhttp/url.hpp>

#include <string>

namespace okhttp::internal {

/// "https://example.com:443": by what servers are told apart (RFC 6454 §4).
[[nodiscard]] std::string origin_of(const Url& url);

}  // namespace okhttp::internal
