#include "connection/ask_authenticator.hpp"

#include <okhttp/error.hpp>

#include <exception>
#include <utility>

#include "runtime/call_context.hpp"
#include "runtime/hop.hpp"

namespace okhttp::internal {

Task<std::optional<Request>> ask_authenticator(CallContext& context, std::shared_ptr<Authenticator> authenticator,
                                               RouteInfo route, const Response& challenge, std::string whose) {
  std::optional<Request> answer;
  std::optional<Error> failure;
  try {
    Task<std::optional<Request>> asking = authenticator->authenticate(route, challenge);
    std::optional<Request> given = co_await std::move(asking);
    answer = std::move(given);
  } catch (const Error& error) {
    failure = error;
  } catch (const std::exception& thrown) {
    failure = Error(Errc::rejected, Blame::caller, "the authenticator for " + whose + ": " + thrown.what(),
                    std::current_exception());
  }
  // The authenticator may have awaited something that ended on another thread.
  Hop home(context.engine());
  co_await home;
  context.check();  // nothing was waited for on behalf of the call meanwhile
  if (failure.has_value()) throw *failure;
  co_return answer;
}

}  // namespace okhttp::internal
