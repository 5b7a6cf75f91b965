#include "interceptors/retry_and_follow_up_interceptor.hpp"

#include <okhttp/event_listener.hpp>

#include "connection/ask_authenticator.hpp"
#include "interceptors/recovery.hpp"

namespace okhttp::internal {

/// What one pass through the interceptor has come to. Decides; the coroutine acts.
class RetryAndFollowUpInterceptor::Progress {
 public:
  Progress(const FollowUpPolicy& policy, Transmission& transmission, Request request)
      : policy_(policy), transmission_(transmission), request_(std::move(request)) {
    transmission_.prepare(request_);
  }

  [[nodiscard]] const Request& request() const noexcept { return request_; }

  /// Returns when the request is to be sent again; throws what the call fails with otherwise.
  void after(const Error& error, const std::exception_ptr& thrown) {
    const FailedExchange* const failed = transmission_.failed_exchange();
    const Recovery recovery = decide(error, failed);
    tell_of_retry(error, recovery == Recovery::retry);
    if (recovery == Recovery::may_be_processed) throw not_sent_again(error, request_).with_attempts(attempts_);
    if (recovery != Recovery::retry) {
      if (attempts_.empty()) std::rethrow_exception(thrown);
      throw error.with_attempts(attempts_);
    }
    attempts_.insert(attempts_.end(), error.attempts().begin(), error.attempts().end());
    attempts_.emplace_back(failed != nullptr ? failed->route : std::string(request_.url().host_header()), error.what());
    ++recoveries_;
  }

  /// The response with the one before it.
  [[nodiscard]] Response with_prior(Response response) const {
    if (!prior_.has_value()) return response;
    return response.new_builder().prior_response(*prior_).build();
  }

  /// Yields the response when it is the caller's; nothing when the call goes on with another request, and then the
  /// response's body is closed, because the next exchange may need its connection.
  ///
  /// `facts` holds what the authenticators said.
  std::optional<Response> after(Response response, ConnectionFacts facts) {
    facts.is_coalesced = transmission_.is_coalesced();
    std::optional<Request> next = follow_up(response, policy_, facts);
    const bool goes_too_far = next.has_value() && follow_ups_ == kMaxFollowUps;
    tell_of_follow_up(response, next.has_value() && !goes_too_far ? &*next : nullptr);
    if (!next.has_value()) return response;
    response.body().close();
    if (goes_too_far) {
      throw Error(Errc::too_many_follow_ups, Blame::peer,
                  "the server asked for more than " + std::to_string(kMaxFollowUps) + " follow-up requests");
    }
    if (response.code() == 421) transmission_.stop_coalescing();
    ++follow_ups_;
    prior_ = std::move(response);
    request_ = std::move(*next);
    transmission_.prepare(request_);
    return std::nullopt;
  }

  /// True when the response is a challenge for the proxy authenticator: it came from an HTTP proxy in use.
  [[nodiscard]] bool is_proxy_challenge(const Response& response) const noexcept {
    return response.code() == 407 && transmission_.was_forwarded() && can_be_repeated(request_);
  }
  /// True when it is one for the authenticator.
  [[nodiscard]] bool is_challenge(const Response& response) const noexcept {
    return response.code() == 401 && policy_.authenticator != Authenticator::none() && can_be_repeated(request_);
  }
  [[nodiscard]] const std::shared_ptr<Authenticator>& authenticator() const noexcept { return policy_.authenticator; }

 private:
  [[nodiscard]] Recovery decide(const Error& error, const FailedExchange* failed) {
    if (recoveries_ == kMaxRecoveries) return Recovery::no_other_way;
    AttemptFacts facts;
    facts.has_another_way = transmission_.has_another_way();
    if (failed != nullptr) {
      facts.may_have_reached_peer = failed->may_have_reached_peer;
      facts.body_begun = failed->request_body_begun;
      facts.body_failed = failed->request_body_failed;
    }
    return recover(error, request_, policy_, facts);
  }

  void tell_of_retry(const Error& error, bool retry) {
    const CallContext& context = transmission_.context();
    if (context.listener != nullptr) context.listener->retry_decision(*context.call, error, retry);
  }
  void tell_of_follow_up(const Response& response, const Request* next) {
    const CallContext& context = transmission_.context();
    if (context.listener != nullptr) context.listener->follow_up_decision(*context.call, response, next);
  }

  const FollowUpPolicy& policy_;
  Transmission& transmission_;
  Request request_;
  std::optional<Response> prior_;
  std::vector<Attempt> attempts_;  // that failed and were recovered from
  unsigned follow_ups_ = 0;
  unsigned recoveries_ = 0;
};

Task<bool> RetryAndFollowUpInterceptor::ask_proxy_authenticator(Transmission& transmission, const Response& response) {
  // The authenticator looks at what was refused: the request as the proxy saw it.
  const Response* const network = response.network_response();
  Response::Builder refused = response.new_builder();
  if (network != nullptr) refused.request(network->request());
  return transmission.answer_proxy_challenge(refused.build());
}

Task<std::optional<Request>> RetryAndFollowUpInterceptor::ask_authenticator(
    Transmission& transmission, std::shared_ptr<Authenticator> authenticator, const Response& response) {
  const Url& url = response.request().url();
  const RouteInfo route(std::string(url.host()), url.port(), transmission.proxy());
  Task<std::optional<Request>> asking = internal::ask_authenticator(transmission.context(), std::move(authenticator),
                                                                    route, response, std::string(url.host_header()));
  std::optional<Request> answer = co_await std::move(asking);
  // Credentials are for whoever asked for them.
  if (answer.has_value() && !same_origin(answer->url(), url)) {
    throw Error(
        Errc::rejected, Blame::caller,
        "the authenticator for " + std::string(url.host_header()) + " answered with a request to another origin");
  }
  co_return answer;
}

Task<Response> RetryAndFollowUpInterceptor::run(ChainStep step) {
  const std::optional<FollowUpPolicy>& of_call = step.run.overrides.follow_ups;
  Progress progress(of_call.has_value() ? *of_call : policy_, step.run.transmission, step.request);
  for (;;) {
    // An interceptor may have read a body elsewhere.
    step.run.transmission.context().go_home();
    std::optional<Response> response;
    std::optional<Error> failure;
    std::exception_ptr thrown;
    try {
      Task<Response> exchange = step.proceed(progress.request(), nullptr);
      Response received = co_await std::move(exchange);
      response = std::move(received);
    } catch (const Error& error) {
      failure = error;
      thrown = std::current_exception();
    }
    if (failure.has_value()) {
      progress.after(*failure, thrown);
      continue;
    }
    Response received = progress.with_prior(std::move(*response));
    ConnectionFacts facts;
    std::optional<Request> shown;
    if (progress.is_proxy_challenge(received)) {
      facts.answers_proxy = co_await ask_proxy_authenticator(step.run.transmission, received);
    } else if (progress.is_challenge(received)) {
      Task<std::optional<Request>> asking =
          ask_authenticator(step.run.transmission, progress.authenticator(), received);
      std::optional<Request> given = co_await std::move(asking);
      shown = std::move(given);
      if (shown.has_value()) facts.answer = &*shown;
    }
    std::optional<Response> answer = progress.after(std::move(received), facts);
    if (answer.has_value()) co_return std::move(*answer);
  }
}

}  // namespace okhttp::internal
