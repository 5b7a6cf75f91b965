#pragma once

#include <okhttp/cache_control.hpp>
#include <okhttp/cache_reason.hpp>
#include <okhttp/cache_store.hpp>
#include <okhttp/request.hpp>

#include <optional>
#include <vector>

#include "cache/byte_range.hpp"
#include "cache/freshness.hpp"

namespace okhttp::internal {

/// What to do for a request, given what is stored for its key. Pure: no I/O, no clock of its own.
///
///     serve          what is stored answers; `refreshes` asks for a call in the background that renews it
///     validate       `network_request` asks the origin whether what is stored is still right
///     network        the request goes out as it is
///     unsatisfiable  only-if-cached, and what is stored does not do
class CacheStrategy {
 public:
  enum class Action : std::uint8_t { serve, validate, network, unsatisfiable };

  /// `candidates` are the entries of the request's key; empty for a request without one. `is_refresh`: the request was
  /// made to renew what is stored, so that this must not answer it.
  [[nodiscard]] static CacheStrategy decide(const Request& request, const std::vector<CacheStore::Found>& candidates,
                                            WallTime now, bool is_refresh = false);

  Action action = Action::network;
  CacheReason reason = CacheReason::nothing_stored;
  std::optional<CacheStore::Found> stored;  ///< what is served or validated, or may be served if the origin fails
  Seconds age{0};                           ///< of `stored`
  /// What of the body is served, as 206; nothing for all of it.
  std::optional<Slice> slice;
  std::optional<Request> network_request;  ///< with the condition; only to validate
  bool refreshes = false;
  bool serves_on_error = false;              ///< RFC 5861 §4: `stored` answers if the origin cannot
  std::vector<CacheStore::EntryId> useless;  ///< entries that can never be served again
};

/// RFC 5861 §4: the status codes that count as an error of the origin.
[[nodiscard]] constexpr bool is_origin_error(int code) noexcept {
  return code == 500 || code == 502 || code == 503 || code == 504;
}

}  // namespace okhttp::internal
