#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/interceptor.hpp>

#include <memory>
#include <string>

namespace okhttp {

/// How fast a RateLimitInterceptor lets calls go: a token bucket.
struct OKHTTP_API RateLimit {
  explicit RateLimit(double calls_per_second) noexcept : per_second(calls_per_second) {}

  double per_second;   ///< in the long run; above 0
  unsigned burst = 1;  ///< how many may go at once after a pause; above 0
  /// How long a call waits for its turn; one that would wait longer fails at once. 0: nobody waits.
  std::chrono::milliseconds max_wait{60'000};
  /// Whether each origin (scheme, host and port of the request) has a bucket of its own.
  bool per_origin = false;
};

/// Holds calls back so that they are no more than a server allows: an application interceptor, which no client has by
/// itself. Redirects and the retries that every client makes are part of their call; to count each request, add it as
/// the interceptor after a RetryInterceptor.
///
/// Calls go in the order in which they came. One that would have to wait for longer than RateLimit::max_wait, or than
/// its own deadline allows, fails at once with Errc::rejected, and takes nobody's turn. Safe for all calls at once.
class OKHTTP_API RateLimitInterceptor final : public Interceptor {
 public:
  /// Throws std::invalid_argument when the rate is not above 0, the burst is 0 or the wait below 0.
  explicit RateLimitInterceptor(RateLimit limit);
  ~RateLimitInterceptor() override;

  [[nodiscard]] Task<Response> intercept(Chain& chain) override;
  [[nodiscard]] std::string name() const override { return "rate limit"; }

 private:
  class Buckets;
  const std::unique_ptr<Buckets> buckets_;
};

}  // namespace okhttp
