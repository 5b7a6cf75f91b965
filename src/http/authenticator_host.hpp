#pragma once

#include <okhttp/authenticator.hpp>
#include <okhttp/response.hpp>

#include <string>
#include <string_view>

namespace okhttp::internal {

/// The host that an authenticator is for in the form of Url::host(); empty stays empty, which is any. Throws
/// std::invalid_argument for what is no host.
[[nodiscard]] std::string canonical_host(std::string_view host);

/// Whoever sent the challenge: the proxy of a 407, else the server.
[[nodiscard]] inline const std::string& challenger(const RouteInfo& route, const Response& response) noexcept {
  return response.code() == 407 ? route.proxy().host() : route.host();
}

/// The field that an answer to `response` goes into.
[[nodiscard]] inline const char* authorization_field(const Response& response) noexcept {
  return response.code() == 407 ? "Proxy-Authorization" : "Authorization";
}

/// The refused request with `credentials`.
[[nodiscard]] Request with_credentials(const Response& response, std::string_view credentials);

}  // namespace okhttp::internal
