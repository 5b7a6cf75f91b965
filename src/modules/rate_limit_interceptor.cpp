#include <okhttp/error.hpp>
#include <okhttp/rate_limit_interceptor.hpp>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "modules/origin.hpp"

namespace okhttp {

using std::chrono::nanoseconds;
using TimePoint = Chain::TimePoint;

/// The turns that were given out. A bucket is one moment: when it would be full again if nobody came (the "theoretical
/// arrival time" of the generic cell rate algorithm).
class RateLimitInterceptor::Buckets {
 public:
  explicit Buckets(const RateLimit& limit)
      : limit_(limit), interval_(static_cast<nanoseconds::rep>(std::llround(1e9 / limit.per_second))) {}

  /// A call's turn, and what its bucket says after it.
  struct Turn {
    Turn(std::string of, TimePoint at, TimePoint then) : origin(std::move(of)), when(at), full_at(then) {}
    std::string origin;
    TimePoint when;
    TimePoint full_at;
  };

  /// Takes the next turn. Throws Errc::rejected when it comes too late.
  [[nodiscard]] Turn take(const Chain& chain) {
    std::string origin = limit_.per_origin ? internal::origin_of(chain.request().url()) : std::string();
    const TimePoint now = chain.now();
    const std::lock_guard lock(mutex_);
    if (full_at_.size() >= kTidyAt) forget_full(now);
    TimePoint& full_at = full_at_.try_emplace(origin, now).first->second;
    const TimePoint from = std::max(full_at, now);
    const TimePoint when = std::max(now, from - interval_ * (limit_.burst - 1));
    if (when - now > limit_.max_wait || when >= chain.deadline()) throw too_late(when - now);
    full_at = from + interval_;
    return Turn(std::move(origin), when, full_at);
  }

  /// A call that waited was given up: the turn is the next one's, unless somebody waits behind it already. That one
  /// keeps its time, since moving up would let two go at once.
  void give_back(const Turn& turn) {
    const std::lock_guard lock(mutex_);
    const auto bucket = full_at_.find(turn.origin);
    if (bucket != full_at_.end() && bucket->second == turn.full_at) bucket->second -= interval_;
  }

 private:
  static constexpr std::size_t kTidyAt = 1'024;

  void forget_full(TimePoint now) {
    std::erase_if(full_at_, [now](const auto& bucket) { return bucket.second <= now; });
  }
  [[nodiscard]] static Error too_late(nanoseconds wait) {
    const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(wait);
    return Error(Errc::rejected, Blame::caller,
                 "the rate limit has no turn for this call before " + std::to_string(rounded.count()) + " ms");
  }

  const RateLimit limit_;
  const nanoseconds interval_;
  std::mutex mutex_;
  std::unordered_map<std::string, TimePoint> full_at_;
};

RateLimitInterceptor::RateLimitInterceptor(RateLimit limit) : buckets_(std::make_unique<Buckets>(limit)) {
  if (!(limit.per_second > 0)) throw std::invalid_argument("RateLimit: per_second must be above 0");
  if (limit.burst == 0) throw std::invalid_argument("RateLimit: burst must be above 0");
  if (limit.max_wait < nanoseconds::zero()) throw std::invalid_argument("RateLimit: max_wait must not be below 0");
}
RateLimitInterceptor::~RateLimitInterceptor() = default;

Task<Response> RateLimitInterceptor::intercept(Chain& chain) {
  const Buckets::Turn turn = buckets_->take(chain);
  if (turn.when > chain.now()) {
    try {
      Task<void> waiting = chain.sleep_until(turn.when);
      co_await std::move(waiting);
    } catch (const Error&) {
      buckets_->give_back(turn);
      throw;
    }
  }
  Task<Response> proceeding = chain.proceed(chain.request());
  co_return co_await std::move(proceeding);
}

}  // namespace okhttp
