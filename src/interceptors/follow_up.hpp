#pragma once

#include <okhttp/authenticator.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace okhttp::internal {

/// What a client has to say on going on after an answer or a failure. Immutable, shared.
struct FollowUpPolicy {
  bool follow_redirects = true;
  bool follow_ssl_redirects = true;  ///< between http and https
  bool retry_on_connection_failure = true;
  std::shared_ptr<Authenticator> authenticator = Authenticator::none();  ///< asked when the answer is 401
  /// Dropped when a redirect leads to another origin, besides Authorization, Proxy-Authorization and Cookie.
  std::vector<std::string> sensitive_headers = {
      "X-Api-Key",    "Api-Key",       "X-Auth-Token",  "X-Auth-Key",     "X-Access-Token",      "X-Csrf-Token",
      "X-Xsrf-Token", "X-Vault-Token", "Private-Token", "X-Goog-Api-Key", "X-Amz-Security-Token"};
};

/// What the answer's connection and the authenticators add to the decision.
struct ConnectionFacts {
  bool is_coalesced = false;  ///< made for another host that shares address and certificate
  /// It was the 407 of a proxy that forwards, and the proxy authenticator gave an answer.
  bool answers_proxy = false;
  /// What the authenticator answered to a 401; null when it gave up or was not asked.
  const Request* answer = nullptr;
};

/// True when the request can be sent again as far as its body is concerned.
[[nodiscard]] bool can_be_repeated(const Request& request) noexcept;

/// The request to go on with after `response`, or nothing when the response is the caller's. `response.request()` is
/// what the retry interceptor sent down, and `response.prior_response()` the answer before, if any.
[[nodiscard]] std::optional<Request> follow_up(const Response& response, const FollowUpPolicy& policy,
                                               const ConnectionFacts& facts = {});

[[nodiscard]] bool same_origin(const Url& a, const Url& b) noexcept;

/// `request` sent to `url` instead: what was meant for its origin alone stays behind when that is another one.
[[nodiscard]] Request move_to(const Request& request, Url url, const FollowUpPolicy& policy);

}  // namespace okhttp::internal
