#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

namespace okhttp::internal {

/// Remembers which URLs were invalidated, so that a response asked for before that is not stored after it.
///
/// Threads: any. Bounded: of the oldest it is remembered only when the last of them was, so that a response that was
/// asked for before that is not stored either.
class Invalidations final {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kMaxUrls = 1024;

  void note(const std::string& url, Moment when);
  void note_all(Moment when);
  /// True when a response for `url`, asked for at `since`, may tell of what is no more.
  [[nodiscard]] bool happened(const std::string& url, Moment since) const;

 private:
  struct Noted {
    std::string url;
    Moment when;
  };

  mutable std::mutex mutex_;
  std::list<Noted> in_order_;  // the latest first
  std::unordered_map<std::string, std::list<Noted>::iterator> by_url_;
  Moment all_before_ = Moment::min();  // up to here every URL counts as invalidated
};

}  // namespace okhttp::internal
