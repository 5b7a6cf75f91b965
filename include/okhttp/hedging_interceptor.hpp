#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/function.hpp>
#include <okhttp/interceptor.hpp>
#include <okhttp/retry_interceptor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace okhttp {

/// When a HedgingInterceptor asks a second time.
struct OKHTTP_API HedgePolicy {
  explicit HedgePolicy(std::chrono::milliseconds after);

  /// How long an answer is waited for before the next try begins beside the first; above 0. About the time within which
  /// 95 of 100 answers come: one request in 20 is sent twice then.
  std::chrono::milliseconds delay;
  /// The first one counts. The n-th begins after `(n-1) * delay`, unless there is an answer.
  unsigned max_tries = 2;
  /// Requests with these methods are hedged, when they have no body: by default the safe ones (RFC 9110 §9.2.1). A
  /// method that is idempotent alone may arrive late, after what the caller sent next.
  std::vector<std::string> methods{"GET", "HEAD", "OPTIONS", "TRACE"};
  /// Answers that are not taken while another try is on its way; the last one is.
  std::vector<int> passed_over{429, 500, 502, 503, 504};

  /// What limits the second tries among all calls: a server that is slow for everybody is asked little more often than
  /// without hedging. Null: no limit.
  std::shared_ptr<RetryBudget> budget = std::make_shared<RetryBudget>();
  /// Told when a try begins beside others, with its number, from 2 on. On the engine that runs the call; must not
  /// block.
  std::function<void(const Call&, unsigned number)> on_hedge;
};

/// Asks a second time when the first answer is slow to come, and takes whichever comes first: an application
/// interceptor, which no client has by itself. It is against the few answers that are slow for no reason of their own,
/// and costs the server a part more of requests (HedgePolicy::delay, budget).
///
/// The first answer wins; the other tries are canceled, their connections closed over HTTP/1.1 and their streams reset
/// over HTTP/2. A try that fails ends the call only when no other is on its way: being tried again after failures is
/// for a RetryInterceptor, which comes before this one. Each try goes through the interceptors behind this one, with
/// redirects and retries of its own; the call's listener is told of all of them, interleaved. Safe for all calls at
/// once.
class OKHTTP_API HedgingInterceptor final : public Interceptor {
 public:
  /// Throws std::invalid_argument when the delay is not above 0 or there are no tries at all.
  explicit HedgingInterceptor(HedgePolicy policy);
  ~HedgingInterceptor() override;

  [[nodiscard]] Task<Response> intercept(Chain& chain) override;
  [[nodiscard]] std::string name() const override { return "hedging"; }

 private:
  class Race;
  const HedgePolicy policy_;
};

}  // namespace okhttp
