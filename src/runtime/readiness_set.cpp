#include "runtime/readiness_set.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace okhttp::internal {
namespace {

constexpr int kBatch = 256;

}  // namespace

ReadinessSet::ReadinessSet() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
}

ReadinessSet::~ReadinessSet() { ::close(epoll_); }

ReadinessSet::Entry* ReadinessSet::add(int descriptor) noexcept {
  auto entry = std::make_unique<Entry>();
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = entry.get();
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) return nullptr;
  return entry.release();
}

void ReadinessSet::remove(Entry& entry, int descriptor) noexcept {
  epoll_event unused{};
  // A forked child has the same epoll set as its parent, which still waits for this one.
  if (!mark_.is_inherited()) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, &unused);
  const std::lock_guard lock(mutex_);
  removed_.emplace_back(&entry);
}

void ReadinessSet::collect(std::vector<Entry*>& signaled) {
  std::vector<std::unique_ptr<Entry>> gone;
  {
    // All events that could name these were fetched in an earlier turn.
    const std::lock_guard lock(mutex_);
    gone.swap(removed_);
  }
  epoll_event events[kBatch];
  const int count = ::epoll_wait(epoll_, events, kBatch, 0);
  for (int i = 0; i < count; ++i) {
    auto& entry = *static_cast<Entry*>(events[i].data.ptr);
    const unsigned what = events[i].events;
    if ((what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) entry.peer_done = true;
    if ((what & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) entry.readable = true;
    if ((what & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) entry.writable = true;
    if (entry.reader != nullptr || entry.writer != nullptr) signaled.push_back(&entry);
  }
}

}  // namespace okhttp::internal
