#include "cache/invalidations.hpp"

#include <algorithm>

namespace okhttp::internal {

void Invalidations::note(const std::string& url, Moment when) {
  const std::lock_guard lock(mutex_);
  const auto known = by_url_.find(url);
  if (known != by_url_.end()) {
    known->second->when = when;
    in_order_.splice(in_order_.begin(), in_order_, known->second);
    return;
  }
  in_order_.push_front(Noted{url, when});
  by_url_.emplace(url, in_order_.begin());
  if (in_order_.size() <= kMaxUrls) return;
  all_before_ = std::max(all_before_, in_order_.back().when);
  by_url_.erase(in_order_.back().url);
  in_order_.pop_back();
}

void Invalidations::note_all(Moment when) {
  const std::lock_guard lock(mutex_);
  in_order_.clear();
  by_url_.clear();
  all_before_ = std::max(all_before_, when);
}

bool Invalidations::happened(const std::string& url, Moment since) const {
  const std::lock_guard lock(mutex_);
  if (since <= all_before_) return true;
  const auto known = by_url_.find(url);
  return known != by_url_.end() && since <= known->second->when;
}

}  // namespace okhttp::internal
