#pragma once

#include <okhttp/cache_store.hpp>
#include <okhttp/request.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// Under what the response to `request` is kept and looked for: that of GET under its URL, which answers HEAD as well,
/// and that of GET, POST and QUERY under the URL that the request gives for that. Nothing for all others.
[[nodiscard]] std::optional<CacheKey> cache_key(const Request& request);

/// The URL as keys hold it.
[[nodiscard]] std::string cache_url(const Url& url);

/// A digest of the fields of `request` that the Vary of a response names; empty when it names none (RFC 9111 §4.1).
[[nodiscard]] std::string variant_of(const Request& request, const Headers& response);

}  // namespace okhttp::internal
