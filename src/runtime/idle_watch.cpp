#include "runtime/idle_watch.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "runtime/descriptor_socket.hpp"

namespace okhttp::internal {

IdleWatch::IdleWatch() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), poke_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  const int copy = epoll_ < 0 ? -1 : ::dup(epoll_);
  if (poke_ < 0 || copy < 0) {
    const std::system_error failure(errno, std::system_category(), "watching idle connections");
    if (epoll_ >= 0) ::close(epoll_);
    if (poke_ >= 0) ::close(poke_);
    throw failure;
  }
  socket_ = std::make_unique<DescriptorSocket>(copy);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, poke_, &event);
}

IdleWatch::~IdleWatch() {
  ::close(poke_);
  ::close(epoll_);
}

bool IdleWatch::add(Socket& socket, std::uint64_t id) noexcept {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT;
  event.data.u64 = id;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket.descriptor(), &event) == 0;
}

void IdleWatch::remove(Socket& socket) noexcept {
  if (mark_.is_inherited()) return;  // a forked child has the same epoll set as its parent
  epoll_event unused{};
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket.descriptor(), &unused);
}

void IdleWatch::poke() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(poke_, &one, sizeof one);
}

Socket& IdleWatch::socket() noexcept { return *socket_; }

std::vector<std::uint64_t> IdleWatch::collect() {
  std::vector<std::uint64_t> ids;
  // Emptied from here on: what comes later raises an edge of its own.
  if (socket_->entry() != nullptr) socket_->entry()->readable = false;
  epoll_event events[64];
  int count = 0;
  do {
    count = ::epoll_wait(epoll_, events, 64, 0);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 != 0) ids.push_back(events[i].data.u64);
    }
  } while (count == 64);
  return ids;
}

}  // namespace okhttp::internal
