#include "okcurl/retry_plan.hpp"

#include <algorithm>
#include <array>

namespace okcurl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongest = std::chrono::minutes(10);

bool is_transient(int http_code) {
  static constexpr std::array kCodes = {408, 429, 500, 502, 503, 504};
  return std::find(kCodes.begin(), kCodes.end(), http_code) != kCodes.end();
}

bool is_about_http(const Attempt& attempt) {
  return (attempt.code == ExitCode::ok || attempt.code == ExitCode::http_error) && is_transient(attempt.http_code);
}

}  // namespace

bool RetryPlan::is_worth_another(const Attempt& attempt) const {
  switch (attempt.code) {
    case ExitCode::timeout:
    case ExitCode::resolve:
    case ExitCode::resolve_proxy:
      return true;
    case ExitCode::connect:
      return (attempt.was_refused && options_.retry_refused) || options_.retry_all_errors;
    default:
      return is_about_http(attempt) || (attempt.code != ExitCode::ok && options_.retry_all_errors);
  }
}

std::optional<milliseconds> RetryPlan::next(const Attempt& attempt, Clock::time_point now) {
  if (left_ <= 0 || !is_worth_another(attempt)) return std::nullopt;
  const bool is_fixed = options_.retry_delay.count() > 0;
  milliseconds wait = is_fixed ? options_.retry_delay : doubled_;
  if (is_about_http(attempt) && attempt.retry_after.has_value() && attempt.retry_after->count() > 0) {
    wait = *attempt.retry_after;
  }
  if (options_.retry_max_time.count() > 0 && now - start_ + wait > options_.retry_max_time) return std::nullopt;
  --left_;
  if (!is_fixed) doubled_ = std::min(doubled_ * 2, kLongest);
  return wait;
}

}  // namespace okcurl
