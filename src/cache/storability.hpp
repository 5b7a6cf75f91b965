#pragma once

#include <okhttp/request.hpp>
#include <okhttp/response.hpp>

namespace okhttp::internal {

/// True for methods that change nothing at the server (RFC 9110 §9.2.1, with those of WebDAV and QUERY).
[[nodiscard]] bool is_safe(std::string_view method) noexcept;

/// True when the response to `request` may be kept, by its head (RFC 9111 §3). Methods are not looked at: whose
/// responses are kept is said by the key.
[[nodiscard]] bool may_store(const Request& request, const Response& response);

/// True for status codes that tell of the connection, of a proxy or of this one request, rather than of the resource.
[[nodiscard]] bool is_about_the_exchange(int code) noexcept;

/// True when nothing of this response may be kept, and so not that it confirmed or renewed what is stored.
[[nodiscard]] bool forbids_to_keep(const Request& request, const Response& response);

/// True when a response with these fields can be chosen again by nobody (RFC 9111 §4.1).
[[nodiscard]] bool varies_by_everything(const Headers& headers) noexcept;

}  // namespace okhttp::internal
