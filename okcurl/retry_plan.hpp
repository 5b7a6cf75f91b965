#pragma once

#include <chrono>
#include <optional>

#include "okcurl/exit_code.hpp"
#include "okcurl/options.hpp"

namespace okcurl {

/// What one attempt at a transfer came to.
struct Attempt {
  ExitCode code = ExitCode::ok;
  int http_code = 0;         // of the last answer, 0 when there was none
  bool was_refused = false;  // the connection, by the system at the other end
  std::optional<std::chrono::seconds> retry_after;
};

/// --retry and its kin: whether a transfer is tried again, and when. curl's rules; the library's RetryInterceptor has
/// others, among them that a POST is not sent twice.
class RetryPlan {
 public:
  using Clock = std::chrono::steady_clock;

  RetryPlan(const Options& options, Clock::time_point start)
      : options_(options), start_(start), left_(options.retries) {}

  /// How long to wait before the next attempt; nothing when this was the last.
  [[nodiscard]] std::optional<std::chrono::milliseconds> next(const Attempt& attempt, Clock::time_point now);
  /// How many attempts may follow that one.
  [[nodiscard]] long left() const noexcept { return left_; }

 private:
  [[nodiscard]] bool is_worth_another(const Attempt& attempt) const;

  const Options& options_;
  const Clock::time_point start_;
  long left_;
  std::chrono::milliseconds doubled_{1000};  // how long to wait next unless something else is asked for
};

}  // namespace okcurl
