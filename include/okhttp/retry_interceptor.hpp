#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/error.hpp>
#include <okhttp/function.hpp>
#include <okhttp/interceptor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace okhttp {

/// How many retries there may be among all calls that share it: each call puts in a part of a retry, each retry takes a
/// whole one out. So a server that fails every request is asked little more often than without retries, while one
/// failure among many is always tried again. Safe from any thread.
class OKHTTP_API RetryBudget {
 public:
  using TimePoint = Chain::TimePoint;

  /// `ratio`: retries a call pays for, 0.1 being one in ten. `per_second`: what comes in besides, for those who call
  /// seldom. `capacity`: what is there at first, and never more. Throws std::invalid_argument when one is below 0.
  explicit RetryBudget(double ratio = 0.1, double per_second = 1, double capacity = 10);
  RetryBudget(const RetryBudget&) = delete;
  RetryBudget& operator=(const RetryBudget&) = delete;
  ~RetryBudget();

  /// A call begins.
  void call_begins(TimePoint now);
  /// Takes a retry, or says that there is none.
  [[nodiscard]] bool take(TimePoint now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Why a failed try was followed by another one, or not.
enum class RetryVerdict : std::uint8_t {
  retry,
  not_retryable,     ///< the policy does not name that code or error, or it is the caller's own
  may_be_processed,  ///< the server may have processed the request, and its method is not idempotent
  one_shot_body,     ///< the body cannot be sent again
  tries_used_up,
  out_of_time,    ///< the next try would begin after the call's deadline, or after RetryPolicy::total_time
  asked_to_wait,  ///< Retry-After is beyond RetryPolicy::max_retry_after
  budget_empty,
};

/// What became of one failed try. Lives during the callback only.
struct OKHTTP_API RetryDecision {
  RetryDecision(const Call& of, unsigned number) noexcept : call(of), tries(number) {}

  const Call& call;
  unsigned tries;                      ///< made so far
  const Error* error = nullptr;        ///< what the try failed with, or null
  const Response* response = nullptr;  ///< what the try was answered with, or null
  RetryVerdict verdict = RetryVerdict::not_retryable;
  std::chrono::nanoseconds delay{0};  ///< until the next try, if there is one
};

/// When a RetryInterceptor tries again, and how patiently.
struct OKHTTP_API RetryPolicy {
  RetryPolicy();

  /// The first one counts.
  unsigned max_tries = 4;
  /// The n-th wait is drawn evenly from 0 to `first_delay * 2^(n-1)`, at most `max_delay` ("full jitter"): calls that
  /// failed together do not come back together.
  std::chrono::milliseconds first_delay{100};
  std::chrono::milliseconds max_delay{10'000};
  /// A Retry-After (RFC 9110 §10.2.3; seconds or a date) is waited for, and the drawn wait on top of it. When it asks
  /// for more than this, the response is the caller's.
  std::chrono::milliseconds max_retry_after{60'000};
  /// How long one try may take up to the head of its response; 0 is as long as the call.
  std::chrono::milliseconds try_time{0};
  /// How long all tries and waits may take, up to the head of the last response; 0 is as long as the call.
  std::chrono::milliseconds total_time{0};

  /// Answers to try again after. 408, 429, 502, 503, 504: busy servers, and gateways without one. Not 500, which more
  /// often is a fault that comes again than one that passes; add it where it does pass.
  std::vector<int> codes{408, 429, 502, 503, 504};
  /// Failures to try again after: those of the network, which may pass. Not unknown_host, tls_handshake or
  /// protocol_error and their kind, which come again. `timeout` is that of one try; the call's own always ends it.
  std::vector<Errc> errors{Errc::timeout,        Errc::connect_timeout,   Errc::read_timeout, Errc::write_timeout,
                           Errc::connect_failed, Errc::connection_closed, Errc::stream_reset};
  /// Whether requests are repeated that are not idempotent (RFC 9110 §9.2.2) and carry no Idempotency-Key, although the
  /// server may have processed them. What certainly was not sent is repeated in any case.
  bool all_methods = false;
  /// Whether requests that are not idempotent are given an Idempotency-Key, a random one, the same for all tries. Right
  /// only for servers that know the field.
  bool add_idempotency_key = false;

  /// Shared by all calls of the interceptor, and by other interceptors when the same is given to them; null: no limit.
  std::shared_ptr<RetryBudget> budget = std::make_shared<RetryBudget>();
  /// Gives 64 random bits each time, from any thread. Null: the system's.
  std::function<std::uint64_t()> random;
  /// Told of each failed try, before the wait, on the engine that runs the call; must not block.
  std::function<void(const RetryDecision&)> on_decision;
};

/// Tries a request again after answers and failures that may pass: an application interceptor, which no client has by
/// itself. It comes on top of what every client does at once and without a wait (Client::Builder::
/// retry_on_connection_failure).
///
/// The response to the last try is the caller's, whatever its code. A failure of the last try is thrown with the
/// earlier ones as its attempts. The body of an earlier response is closed before the wait; a one-shot or duplex body
/// is never sent again. Safe for all calls at once.
class OKHTTP_API RetryInterceptor final : public Interceptor {
 public:
  /// Throws std::invalid_argument when there are no tries at all or a time is below 0.
  explicit RetryInterceptor(RetryPolicy policy = RetryPolicy());
  ~RetryInterceptor() override;

  [[nodiscard]] Task<Response> intercept(Chain& chain) override;
  [[nodiscard]] std::string name() const override { return "retry"; }

 private:
  class Tries;
  const RetryPolicy policy_;
};

}  // namespace okhttp
