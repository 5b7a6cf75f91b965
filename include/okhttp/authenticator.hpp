#pragma once

#include <okhttp/config.hpp>
#include <okhttp/proxy.hpp>
#include <okhttp/task.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace okhttp {

class Request;
class Response;

/// How a server is reached: what an Authenticator is told beside the challenge. A value.
class OKHTTP_API RouteInfo {
 public:
  RouteInfo(std::string host, std::uint16_t port, Proxy proxy)
      : host_(std::move(host)), port_(port), proxy_(std::move(proxy)) {}

  /// The server's, as Url::host() and Url::port().
  [[nodiscard]] const std::string& host() const noexcept { return host_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// The proxy on the way there, or Proxy::direct().
  [[nodiscard]] const Proxy& proxy() const noexcept { return proxy_; }

 private:
  std::string host_;
  std::uint16_t port_;
  Proxy proxy_;
};

/// Answers the challenge of a server (401) or of an HTTP proxy (407).
///
/// Threads: one object serves all calls of a client, several at once. authenticate() runs on the engine that runs the
/// call, which is the caller's thread for blocking calls and the client's loop otherwise, so it must not block; it may
/// await, calls of another client included.
class OKHTTP_API Authenticator {
 public:
  /// The scheme of the challenge that a proxy's authenticator is asked with beforehand.
  static constexpr std::string_view kPreemptive = "OkHttp-Preemptive";

  Authenticator() = default;
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;
  virtual ~Authenticator() = default;

  /// Yields the request to send instead of `response.request()`, which was refused: usually the same with an
  /// Authorization field, or Proxy-Authorization when the code is 407. Nothing gives up; so does an authenticator that
  /// finds its own credentials in the refused request.
  ///
  /// Of the answer to a 407 only the Proxy-Authorization field counts. It is shown to `route.proxy()` alone, during
  /// this call. For a tunnel the refused request is the CONNECT.
  ///
  /// Beforehand, when a connection to a proxy was made for whose Proxy there are no credentials, the authenticator is
  /// asked with a 407 that nobody sent and whose one challenge has the scheme kPreemptive. It may answer to save a
  /// round trip.
  ///
  /// `route` and `response` outlive the task.
  [[nodiscard]] virtual Task<std::optional<Request>> authenticate(const RouteInfo& route, const Response& response) = 0;

  /// Gives up, always.
  [[nodiscard]] static std::shared_ptr<Authenticator> none();
  /// Answers challenges of the Basic scheme, of whoever it is that challenges; with a `host` only of that one: the
  /// proxy's for 407, the server's for 401. Beforehand it answers only when it was given a host.
  ///
  /// Both texts are UTF-8; they are sent in ISO-8859-1 when they fit and the challenge does not ask for UTF-8. Throws
  /// std::invalid_argument, which shows neither, for a user name with a colon and for control characters.
  [[nodiscard]] static std::shared_ptr<Authenticator> basic(std::string_view user, std::string_view password,
                                                            std::string_view host = {});
};

}  // namespace okhttp
