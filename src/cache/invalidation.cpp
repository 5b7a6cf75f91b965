#include "cache/invalidation.hpp"

#include <optional>

#include "cache/cache_key.hpp"
#include "cache/storability.hpp"

namespace okhttp::internal {
namespace {

bool is_same_origin(const Url& a, const Url& b) noexcept {
  return a.is_tls() == b.is_tls() && a.host() == b.host() && a.port() == b.port();
}

}  // namespace

std::vector<std::string> invalidated_urls(const Request& request, const Response& response) {
  std::vector<std::string> urls;
  const bool has_failed = response.code() < 200 || response.code() >= 400;
  // What is kept under a URL that the caller chose is meant to be read, whatever its method.
  if (has_failed || is_safe(request.method()) || cache_key(request).has_value()) return urls;
  urls.push_back(cache_url(request.url()));
  for (const char* name : {"Location", "Content-Location"}) {
    const auto value = response.header(name);
    if (!value.has_value()) continue;
    const std::optional<Url> url = request.url().resolve(*value);
    if (url.has_value() && is_same_origin(*url, request.url())) urls.push_back(cache_url(*url));
  }
  return urls;
}

}  // namespace okhttp::internal
