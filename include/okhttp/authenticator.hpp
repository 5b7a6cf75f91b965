#pragma once

#include <okhttp/config.hpp>
#include <okhttp/function.hpp>
#include <okhttp/proxy.hpp>
#include <okhttp/task.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
  /// The answer to a 401 is a follow-up, as a redirect is, and may be another request to the same origin: one to
  /// another scheme, host or port fails the call with Errc::rejected. What it shows goes to that origin alone, not
  /// along with a redirect to another. Nobody is asked for a request whose body cannot be sent again. `response` hangs
  /// on the answers before it by prior_response(). A call that is made meanwhile takes its own place among those of its
  /// client, which the asking call does not give up: make it with another client, or the two may wait for each other.
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
  /// Answers challenges of the Digest scheme (RFC 7616): MD5, SHA-256 and SHA-512-256, each also as -sess, with qop
  /// auth, auth-int or without. `host` is as for basic(). Of several challenges the one with the strongest hash counts.
  /// It gives up when its credentials were refused, unless the challenge says that only the nonce was stale.
  ///
  /// Both texts are UTF-8, taken as they are: bring them to Unicode's form C. They count in ISO-8859-1 when they fit
  /// and the challenge does not ask for UTF-8. auth-int, which is used when nothing else is offered, hashes the
  /// request's body as this client has it, and writes it once more for that.
  ///
  /// Nothing is shown beforehand, so every request is refused once. Throws std::invalid_argument, which shows neither,
  /// for a user name with a colon and for control characters.
  [[nodiscard]] static std::shared_ptr<Authenticator> digest(std::string_view user, std::string_view password,
                                                             std::string_view host = {});

  /// Yields a token (RFC 6750): given nothing, one that may be known already; given a token that was refused, a new
  /// one. An empty text gives up. It runs on the engine of one of the calls that wait for it, and must not block.
  using TokenProvider = std::function<Task<std::string>(std::optional<std::string> refused)>;
  /// Answers a 401 of `origin`, as "https://api.example", with a bearer token, when the challenge names that scheme or
  /// none at all; no other origin, and no proxy.
  ///
  /// One provider runs at a time: calls that are refused meanwhile wait for it, whatever becomes of the call that it
  /// runs in, and share what it yields or throws. A token that was not refused yet is used without asking the
  /// provider. It gives up when the token was refused that came for a refused one.
  ///
  /// Throws std::invalid_argument when `origin` is no http or https URL, or `provider` is empty.
  [[nodiscard]] static std::shared_ptr<Authenticator> bearer(std::string_view origin, TokenProvider provider);

  /// A scheme's name and who answers it.
  using Scheme = std::pair<std::string, std::shared_ptr<Authenticator>>;
  /// Leaves each challenge to one of several, the strongest first:
  ///
  ///     Authenticator::by_scheme({{"Digest", Authenticator::digest(u, p)}, {"Basic", Authenticator::basic(u, p)}})
  ///
  /// The first scheme of the list that is offered is the one: where several entries name it, they are asked in order
  /// until one answers. When none does, it gives up, and nothing is shown by a weaker scheme. Beforehand only the
  /// first scheme of the list is asked. Throws std::invalid_argument for a null or for a name that is no token.
  [[nodiscard]] static std::shared_ptr<Authenticator> by_scheme(std::vector<Scheme> schemes);
};

}  // namespace okhttp
