#pragma once

#include <okhttp/cache_store.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>

#include <optional>

namespace okhttp::internal {

/// `request` with a condition on what is stored (RFC 9111 §4.3.1): its ETag, else when it was last modified, else its
/// Date. Nothing when it has none of these.
[[nodiscard]] std::optional<Request> conditional(const Request& request, const CachedResponse& stored);

/// True when the request brings conditions of its own, whose answer is for nobody else (RFC 9110 §13.1).
[[nodiscard]] bool is_conditional(const Request& request) noexcept;

/// True when this 304 is about what is stored (RFC 9111 §4.3.4), and not about another version of it: of the validators
/// that both have the ETag decides; one that is not stored is of something else.
[[nodiscard]] bool confirms(const Response& not_modified, const CachedResponse& stored) noexcept;

/// The stored response as the 304, or a response to HEAD, makes it (RFC 9111 §3.2). It answers `request` from then on,
/// and others as far as the fields agree that its Vary names now.
[[nodiscard]] CachedResponse freshened(const CachedResponse& stored, const Request& request, const Response& by);

/// True when a response to HEAD says the same of the body as what is stored (RFC 9111 §4.3.5).
[[nodiscard]] bool agrees(const Response& head, const CachedResponse& stored, std::uint64_t body_size) noexcept;

}  // namespace okhttp::internal
