#pragma once

#include <okhttp/cache_store.hpp>
#include <okhttp/chrono.hpp>

#include <optional>
#include <string_view>

namespace okhttp {
class CacheControl;
}

namespace okhttp::internal {

using WallTime = std::chrono::system_clock::time_point;
using Seconds = std::chrono::seconds;

/// How old a stored response is (RFC 9111 §4.2.3). Nothing when it was received in what is the future: the clock was
/// set back since, and how long it has been here is unknown.
[[nodiscard]] std::optional<Seconds> current_age(const CachedResponse& stored, WallTime now);

/// For how long it is fresh in a private cache (RFC 9111 §4.2.1, §4.2.2): max-age, else Expires, else a tenth of the
/// time since it was last modified, where that `may_guess`: not for a URL with a query.
[[nodiscard]] Seconds freshness_lifetime(const CachedResponse& stored, const CacheControl& control, bool may_guess);

/// RFC 9110 §15.1: the status codes for which a lifetime may be guessed.
[[nodiscard]] bool is_heuristically_cacheable(int code) noexcept;

/// True when the response says itself for how long it may be kept, or that it may.
[[nodiscard]] bool has_explicit_freshness(const Headers& headers, const CacheControl& control) noexcept;

}  // namespace okhttp::internal
