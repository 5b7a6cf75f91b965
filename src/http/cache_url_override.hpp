#pragma once

#include <okhttp/url.hpp>

#include <utility>

namespace okhttp::internal {

/// The tag that holds Request::cache_url_override().
struct CacheUrlOverride {
  explicit CacheUrlOverride(Url to) : url(std::move(to)) {}
  Url url;
};

}  // namespace okhttp::internal
