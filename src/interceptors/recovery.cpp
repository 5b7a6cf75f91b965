#include "interceptors/recovery.hpp"

#include <exception>
#include <string>

#include "http/method.hpp"

namespace okhttp::internal {
namespace {

bool could_be_cured(Errc code, bool may_have_reached_peer) noexcept {
  switch (code) {
    case Errc::connection_closed:
    case Errc::connect_failed:
    case Errc::tls_handshake:
    case Errc::proxy_failed:
    case Errc::stream_reset:
      return true;
    case Errc::connect_timeout:
      return !may_have_reached_peer;
    default:
      return false;
  }
}

bool may_be_repeated(const Request& request) noexcept {
  return is_idempotent(request.method()) || request.headers().contains("Idempotency-Key");
}

}  // namespace

Recovery recover(const Error& error, const Request& request, const FollowUpPolicy& policy, const AttemptFacts& facts) {
  if (!policy.retry_on_connection_failure) return Recovery::retries_are_off;
  if (facts.body_failed || !could_be_cured(error.errc(), facts.may_have_reached_peer))
    return Recovery::would_fail_again;
  const RequestBody* const body = request.body().get();
  // A duplex body may still be writing what it began.
  const bool is_one_shot = body != nullptr && (body->is_one_shot() || body->is_duplex());
  if (is_one_shot && facts.body_begun) return Recovery::body_is_spent;
  if (!facts.has_another_way) return Recovery::no_other_way;
  if (facts.may_have_reached_peer && !may_be_repeated(request)) return Recovery::may_be_processed;
  return Recovery::retry;
}

Error not_sent_again(const Error& error, const Request& request) {
  std::string text = error.what();
  text += "; the " + request.method() + " was not sent again, because the server may have processed it";
  text += " (an idempotent method or an Idempotency-Key header would allow that)";
  return Error(Errc::connection_closed, error.blame(), text, std::make_exception_ptr(error));
}

}  // namespace okhttp::internal
