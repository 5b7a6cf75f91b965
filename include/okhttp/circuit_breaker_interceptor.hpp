#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/function.hpp>
#include <okhttp/interceptor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace okhttp {

class Url;

enum class CircuitState : std::uint8_t {
  closed,     ///< calls go through and are counted
  open,       ///< calls fail at once
  half_open,  ///< one call goes through, to see; the others fail at once
};

/// When a circuit opens and closes. Of calls that are the caller's own failures, or canceled, none is counted.
struct OKHTTP_API CircuitPolicy {
  CircuitPolicy();

  /// The part of calls that fail, above 0 and up to 1, from which on the circuit opens...
  double failure_rate = 0.5;
  /// ...when there were at least so many of them, above 0...
  unsigned min_calls = 20;
  /// ...within this time, which is counted in tenths; at least 10 ms.
  std::chrono::milliseconds window{30'000};
  /// How long it stays open before one call may try.
  std::chrono::milliseconds open_time{10'000};
  /// Answers that count as failures, besides having none. Not 429, which says that the server is well.
  std::vector<int> codes{500, 502, 503, 504};
  /// Told of each change, on the engine of the call that brought it about; must not block.
  std::function<void(const std::string& origin, CircuitState now)> on_change;
};

/// Stops asking a server that fails, so that callers fail fast and the server recovers: an application interceptor,
/// which no client has by itself. Each origin (scheme, host and port of the request) has a circuit of its own.
///
///     closed --failures--> open --open_time--> half_open --success--> closed
///                           ^---------failure------'
///
/// A call that is not let through fails with Errc::rejected, whose message says until when. Placed before a
/// RetryInterceptor it counts calls, after it tries. Safe for all calls at once.
class OKHTTP_API CircuitBreakerInterceptor final : public Interceptor {
 public:
  /// Throws std::invalid_argument when the policy is out of its bounds.
  explicit CircuitBreakerInterceptor(CircuitPolicy policy = CircuitPolicy());
  ~CircuitBreakerInterceptor() override;

  [[nodiscard]] Task<Response> intercept(Chain& chain) override;
  [[nodiscard]] std::string name() const override { return "circuit breaker"; }

  /// The state of the circuit of that URL's origin. An open one becomes half_open when a call comes after its time.
  [[nodiscard]] CircuitState state(const Url& url) const;

 private:
  class Circuits;
  class Passage;
  const std::unique_ptr<Circuits> circuits_;
};

}  // namespace okhttp
