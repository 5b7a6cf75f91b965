#include "cache/storability.hpp"

#include <okhttp/cache_control.hpp>

#include "cache/byte_range.hpp"
#include "cache/freshness.hpp"
#include "http/ascii.hpp"

namespace okhttp::internal {

bool is_about_the_exchange(int code) noexcept {
  return code < 200 || code == 304 || code == 407 || code == 408 || code == 412 || code == 416 || code == 421 ||
         code == 425;
}

bool forbids_to_keep(const Request& request, const Response& response) {
  // RFC 9111 §5.2.1.5, §5.2.2.5.
  return request.cache_control().no_store() || response.cache_control().no_store() ||
         varies_by_everything(response.headers());
}

bool is_safe(std::string_view method) noexcept {
  for (const std::string_view known : {"GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "REPORT", "SEARCH"}) {
    if (method == known) return true;
  }
  return false;
}

bool varies_by_everything(const Headers& headers) noexcept {
  bool found = false;
  for (std::size_t i = headers.find("Vary"); i < headers.size(); i = headers.find("Vary", i + 1)) {
    for_each_list_element(headers.value(i), [&](std::string_view name) { found = found || name == "*"; });
  }
  return found;
}

bool may_store(const Request& request, const Response& response) {
  const int code = response.code();
  const CacheControl control = response.cache_control();
  if (is_about_the_exchange(code) || varies_by_everything(response.headers())) return false;
  // RFC 9111 §5.2.1.5.
  if (request.cache_control().no_store()) return false;
  // RFC 9111 §5.2.2.3: whoever understands the code may ignore a no-store that is for those who do not.
  const bool is_understood = is_heuristically_cacheable(code) || code == 302 || code == 303 || code == 307;
  if (control.must_understand() ? !is_understood : control.no_store()) return false;
  if (code == 206) {
    // RFC 9111 §3.3: only a part of which it is certain what it is a part of.
    return parse_content_range(response.headers()).has_value() && has_strong_etag(response.headers());
  }
  return is_heuristically_cacheable(code) || has_explicit_freshness(response.headers(), control);
}

}  // namespace okhttp::internal
