#include <okhttp/cache_reason.hpp>

namespace okhttp {

std::string_view to_string(CacheReason reason) noexcept {
  switch (reason) {
    case CacheReason::fresh:
      return "fresh";
    case CacheReason::immutable:
      return "immutable";
    case CacheReason::accepted_stale:
      return "accepted_stale";
    case CacheReason::stale_while_revalidate:
      return "stale_while_revalidate";
    case CacheReason::stale_if_error:
      return "stale_if_error";
    case CacheReason::not_modified:
      return "not_modified";
    case CacheReason::expired:
      return "expired";
    case CacheReason::response_no_cache:
      return "response_no_cache";
    case CacheReason::request_no_cache:
      return "request_no_cache";
    case CacheReason::request_max_age:
      return "request_max_age";
    case CacheReason::request_min_fresh:
      return "request_min_fresh";
    case CacheReason::clock_went_back:
      return "clock_went_back";
    case CacheReason::background_refresh:
      return "background_refresh";
    case CacheReason::nothing_stored:
      return "nothing_stored";
    case CacheReason::no_variant:
      return "no_variant";
    case CacheReason::no_validator:
      return "no_validator";
    case CacheReason::method:
      return "method";
    case CacheReason::request_no_store:
      return "request_no_store";
    case CacheReason::request_conditional:
      return "request_conditional";
    case CacheReason::no_handshake:
      return "no_handshake";
    case CacheReason::range:
      return "range";
    case CacheReason::incomplete:
      return "incomplete";
    case CacheReason::modified:
      return "modified";
    case CacheReason::store_failed:
      return "store_failed";
  }
  return "unknown";
}

}  // namespace okhttp
