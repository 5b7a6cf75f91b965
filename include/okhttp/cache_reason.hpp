#pragma once

#include <okhttp/config.hpp>

#include <cstdint>
#include <string_view>

namespace okhttp {

/// Why a cache decided as it did, for events and for debugging. RFC 9111 unless another one is named.
enum class CacheReason : std::uint8_t {
  // The stored response is served.
  fresh,                   ///< it is within its freshness lifetime (§4.2)
  immutable,               ///< the same, though the request asks for a younger one (RFC 8246)
  accepted_stale,          ///< the request accepts it with max-stale (§5.2.1.2)
  stale_while_revalidate,  ///< it is being refreshed meanwhile (RFC 5861 §3)
  stale_if_error,          ///< the origin could not be reached, or failed (RFC 5861 §4)
  not_modified,            ///< the origin confirmed it with 304 (§4.3.3)

  // It has to be validated first.
  expired,             ///< its freshness lifetime is over
  response_no_cache,   ///< its no-cache asks for that every time (§5.2.2.4)
  request_no_cache,    ///< the request's no-cache does (§5.2.1.4)
  request_max_age,     ///< the request wants none that old (§5.2.1.1)
  request_min_fresh,   ///< the request wants one that stays fresh for longer (§5.2.1.3)
  clock_went_back,     ///< it was received in what is the future now, so its age is unknown
  background_refresh,  ///< a stale one was served, which this call refreshes

  // The network alone can answer.
  nothing_stored,       ///< there is no response for that URL
  no_variant,           ///< there are some, but none that Vary lets be chosen (§4.1)
  no_validator,         ///< there is one that must be validated and cannot be
  method,               ///< the method's responses are not kept
  request_no_store,     ///< the request wants nothing kept (§5.2.1.5)
  request_conditional,  ///< the request brings conditions of its own
  no_handshake,         ///< the stored one lost the handshake of its connection
  range,                ///< what is stored does not hold the range that is asked for
  incomplete,           ///< what is stored is a part, and all is asked for
  modified,             ///< the origin had a newer one when the stored one was validated
  store_failed,         ///< the cache is out of order
};

/// The enumerator's name, as "stale_if_error".
[[nodiscard]] OKHTTP_API std::string_view to_string(CacheReason reason) noexcept;

}  // namespace okhttp
