#include "connection/proxy_credentials.hpp"

#include <okhttp/authenticator.hpp>
#include <okhttp/credentials.hpp>
#include <okhttp/error.hpp>

#include <exception>
#include <stdexcept>
#include <utility>

#include "connection/ask_authenticator.hpp"
#include "route/route_selector.hpp"

namespace okhttp::internal {
namespace {

/// The Basic form of a Proxy's own credentials.
std::string basic_form(const Proxy& proxy) {
  try {
    return basic_credentials(proxy.user(), proxy.password(), CredentialsCharset::utf8);
  } catch (const std::invalid_argument& problem) {
    throw Error(Errc::proxy_failed, Blame::caller, "the credentials for " + proxy.to_string() + ": " + problem.what(),
                std::current_exception());
  }
}

/// A 407 that nobody sent.
Response challenge_beforehand(const Route& route) {
  Response::Builder challenge;
  challenge.request(Request::get(url_of(route.address())))
      .protocol(Protocol::http_1_1)
      .code(407)
      .message("Preemptive Authenticate")
      .header("Proxy-Authenticate", Authenticator::kPreemptive);
  return challenge.build();
}

}  // namespace

Task<std::optional<std::string>> answer_proxy_challenge(CallContext& context, const Route& route,
                                                        const Response& challenge) {
  const Address& address = route.address();
  const RouteInfo info(address.host(), address.port(), route.proxy());
  Task<std::optional<Request>> asking =
      ask_authenticator(context, address.identity().proxy_authenticator, info, challenge, route.proxy().to_string());
  const std::optional<Request> answer = co_await std::move(asking);
  std::optional<std::string> value;
  if (answer.has_value()) value = answer->header("Proxy-Authorization");
  co_return value;
}

Task<std::optional<std::string>> credentials_beforehand(CallContext& context, const Route& route) {
  std::optional<std::string> value;
  if (route.proxy().has_credentials()) {
    value = basic_form(route.proxy());
  } else if (route.address().identity().proxy_authenticator != Authenticator::none()) {
    const Response challenge = challenge_beforehand(route);
    Task<std::optional<std::string>> asking = answer_proxy_challenge(context, route, challenge);
    std::optional<std::string> answer = co_await std::move(asking);
    value = std::move(answer);
  }
  co_return value;
}

}  // namespace okhttp::internal
