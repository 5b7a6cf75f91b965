#include "runtime/calling_thread.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "runtime/descriptor_socket.hpp"
#include "runtime/interrupt_job.hpp"

namespace okhttp::internal {
namespace {

/// How often a thread without an eventfd looks for what was posted to it.
constexpr Duration kLookUnwoken = std::chrono::milliseconds(10);

/// One eventfd a thread, made when that thread first waits for more than one thing.
class WakeDescriptor {
 public:
  WakeDescriptor() = default;
  WakeDescriptor(const WakeDescriptor&) = delete;
  WakeDescriptor& operator=(const WakeDescriptor&) = delete;
  ~WakeDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  /// Below 0 while the system has none left.
  [[nodiscard]] int get() noexcept {
    if (descriptor_ < 0) descriptor_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return descriptor_;
  }

 private:
  int descriptor_ = -1;
};

int this_threads_wake_descriptor() noexcept {
  thread_local WakeDescriptor descriptor;
  return descriptor.get();
}

// Only sockets of the system are ever adopted by this engine.
DescriptorSocket& descriptor_socket(Socket& socket) noexcept { return static_cast<DescriptorSocket&>(socket); }

}  // namespace

CallingThread::~CallingThread() {
  if (attached_ != nullptr) attached_->detach_from(*this);
  for (const auto& cancellation : more_attached_) cancellation->detach_from(*this);
  run_jobs();  // what other threads posted late: interrupts of calls that have ended
}

void CallingThread::on_attach(const std::shared_ptr<Cancellation>& cancellation) {
  if (attached_ == nullptr) {
    attached_ = cancellation;
  } else if (attached_ != cancellation) {
    more_attached_.push_back(cancellation);
  }
}

void CallingThread::post(Job& job) noexcept {
  const std::lock_guard lock(mutex_);
  jobs_.push(job);
  if (asleep_) {
    asleep_ = false;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_descriptor_, &one, sizeof one);
  }
}

void CallingThread::interrupt(const std::shared_ptr<Cancellation>& cancellation) noexcept {
  post(*new InterruptJob(*this, cancellation));
  const std::lock_guard lock(mutex_);
  // The owner takes the descriptor back under this lock before it may close it.
  if (blocked_descriptor_ >= 0 && blocked_for_ == cancellation.get()) ::shutdown(blocked_descriptor_, SHUT_RDWR);
}

std::unique_ptr<Socket> CallingThread::begin_connect(const ConnectRequest& request, std::error_code& error) noexcept {
  return begin_tcp_connect(request, error);
}

std::unique_ptr<Listener> CallingThread::listen(const ListenRequest& request, std::error_code& error) noexcept {
  return listen_tcp(request, error);
}

bool CallingThread::adopt(Socket& socket) noexcept { return descriptor_socket(socket).move_to(nullptr); }

void CallingThread::on_park(Wait&) noexcept {}
void CallingThread::on_unpark(Wait&) noexcept {}

void CallingThread::root_done() noexcept {
  if (runs_here()) {
    done_ = true;
  } else {
    // User code finished the call on another thread; this engine may be gone once the job was posted.
    post(done_job_);
  }
}

void CallingThread::run_until_done() noexcept {
  run_jobs();
  while (!done_) {
    wait_for_something();
    run_jobs();
  }
  // What other threads posted late: a wake-up for a wait that had ended already.
  run_jobs();
}

void CallingThread::run_jobs() noexcept {
  for (;;) {
    JobQueue batch;
    {
      const std::lock_guard lock(mutex_);
      if (jobs_.empty()) return;
      batch.take(jobs_);
    }
    batch.run_all();
  }
}

void CallingThread::wait_for_something() noexcept {
  if (Wait* reader = only_reader(); reader != nullptr) {
    block_in_read(*reader);
  } else {
    block_in_poll();
  }
}

Wait* CallingThread::only_reader() const noexcept {
  if (parked_count() != 1 || expects_posts()) return nullptr;
  Wait* wait = parked().front();
  if (wait->socket() == nullptr || wait->interest() != Interest::read) return nullptr;
  // A wait that reads nothing itself has to be told by poll(2).
  return wait->reads_when_attempted() ? wait : nullptr;
}

void CallingThread::block_in_read(Wait& wait) noexcept {
  auto& socket = descriptor_socket(*wait.socket());
  Duration patience = Duration::zero();
  if (wait.deadline() != kNever) {
    patience = wait.deadline() - now();
    if (patience <= Duration::zero()) return finish(wait, WaitResult::deadline);
  }
  {
    const std::lock_guard lock(mutex_);
    if (!jobs_.empty()) return;
    // Published before the wait begins: a cancellation from now on shuts the socket down, an earlier one left a job.
    blocked_descriptor_ = socket.descriptor();
    blocked_for_ = wait.cancellation();
  }
  socket.begin_blocking(patience);
  const bool finished = wait.attempt();
  socket.end_blocking();
  {
    const std::lock_guard lock(mutex_);
    blocked_descriptor_ = -1;
    blocked_for_ = nullptr;
  }
  if (finished) {
    finish(wait, WaitResult::ready);
  } else if (wait.deadline() != kNever && now() >= wait.deadline()) {
    finish(wait, WaitResult::deadline);
  }
}

void CallingThread::block_in_poll() noexcept {
  std::vector<pollfd> descriptors;
  std::vector<Wait*> waits;
  TimePoint earliest = kNever;
  for (Wait* wait = parked().front(); wait != nullptr; wait = Wait::ParkedList::next(*wait)) {
    earliest = std::min(earliest, wait->deadline());
    if (wait->socket() == nullptr) continue;
    short events = 0;
    if (wait->interest() != Interest::write) events |= POLLIN;
    if (wait->interest() != Interest::read) events |= POLLOUT;
    descriptors.push_back(pollfd{wait->socket()->descriptor(), events, 0});
    waits.push_back(wait);
  }
  const int wake = this_threads_wake_descriptor();
  descriptors.push_back(pollfd{wake, POLLIN, 0});
  {
    const std::lock_guard lock(mutex_);
    if (!jobs_.empty()) return;
    wake_descriptor_ = wake;
    asleep_ = true;
  }
  timespec patience{};
  if (wake < 0) earliest = std::min(earliest, now() + kLookUnwoken);  // poll(2) ignores a descriptor below 0
  if (earliest != kNever) {
    const auto left = std::max(earliest - now(), Duration::zero());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    patience.tv_sec = static_cast<time_t>(seconds.count());
    patience.tv_nsec = static_cast<long>(std::chrono::nanoseconds(left - seconds).count());
  }
  ::ppoll(descriptors.data(), descriptors.size(), earliest == kNever ? nullptr : &patience, nullptr);
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(asleep_, false)) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t taken = ::read(wake, &count, sizeof count);
    }
  }
  for (std::size_t i = 0; i < waits.size(); ++i) waits[i]->signaled_ = descriptors[i].revents != 0;
  attempt_signaled();
  if (earliest != kNever) finish_overdue();
}

void CallingThread::attempt_signaled() noexcept {
  // A resumed coroutine may end or park other waits, so the search starts anew after each.
  for (Wait* wait = parked().front(); wait != nullptr;) {
    if (!std::exchange(wait->signaled_, false)) {
      wait = Wait::ParkedList::next(*wait);
      continue;
    }
    if (wait->interest() != Interest::write) wait->socket()->allow_one_read();
    if (!wait->attempt()) {
      wait = Wait::ParkedList::next(*wait);
      continue;
    }
    finish(*wait, WaitResult::ready);
    wait = parked().front();
  }
}

void CallingThread::finish_overdue() noexcept {
  const TimePoint present = now();
  for (Wait* wait = parked().front(); wait != nullptr;) {
    if (wait->deadline() > present) {
      wait = Wait::ParkedList::next(*wait);
      continue;
    }
    finish(*wait, WaitResult::deadline);
    wait = parked().front();
  }
}

}  // namespace okhttp::internal
