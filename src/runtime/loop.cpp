#include "runtime/loop.hpp"

#include <cerrno>
#include <utility>

#include "runtime/descriptor_socket.hpp"
#include "runtime/interrupt_job.hpp"

namespace okhttp::internal {
namespace {

// Only sockets of the system are ever adopted by this engine.
DescriptorSocket& descriptor_socket(Socket& socket) noexcept { return static_cast<DescriptorSocket&>(socket); }

/// Ends what was parked after the loop was closed. Frees itself.
class AbandonJob final : public Job {
 public:
  explicit AbandonJob(void (*abandon)(Loop&), Loop& loop) noexcept : abandon_(abandon), loop_(loop) {}
  void run() noexcept override {
    abandon_(loop_);
    delete this;
  }

 private:
  void (*abandon_)(Loop&);
  Loop& loop_;
};

// After so many rounds of jobs that post jobs the sockets get their turn.
constexpr int kMaxJobRounds = 16;

}  // namespace

Loop::Loop() : readiness_(std::make_shared<ReadinessSet>()) {}

bool Loop::share_in(std::shared_ptr<Engine>& share) noexcept {
  share = weak_from_this().lock();
  return share != nullptr;
}

void Loop::post(Job& job) noexcept {
  if (runs_here()) {
    own_jobs_.push(job);
    return;
  }
  // Woken under the lock: once the job has run the loop may go away, but not before this lock was released.
  const std::lock_guard lock(mutex_);
  posted_jobs_.push(job);
  if (!std::exchange(wake_sent_, true)) wake();
}

void Loop::interrupt(const std::shared_ptr<Cancellation>& cancellation) noexcept {
  post(*new InterruptJob(*this, cancellation));
}

std::unique_ptr<Socket> Loop::begin_connect(const ConnectRequest& request, std::error_code& error) noexcept {
  auto socket = begin_tcp_connect(request, error);
  if (socket != nullptr && !socket->move_to(readiness_)) {
    error = std::error_code(errno, std::system_category());
    return nullptr;
  }
  return socket;
}

std::unique_ptr<Listener> Loop::listen(const ListenRequest& request, std::error_code& error) noexcept {
  auto listener = listen_tcp(request, error);
  if (listener != nullptr && !adopt(listener->socket())) {
    error = std::error_code(errno, std::system_category());
    return nullptr;
  }
  return listener;
}

bool Loop::adopt(Socket& socket) noexcept { return descriptor_socket(socket).move_to(readiness_); }

void Loop::on_park(Wait& wait) noexcept {
  if (wait.deadline() != kNever) {
    deadlines_.add(wait);
    arm_timer(DeadlineWheel::look_for(wait));
  }
  if (wait.socket() != nullptr) {
    ReadinessSet::Entry* entry = descriptor_socket(*wait.socket()).entry();
    if (entry != nullptr) {
      // An edge seen already does not come again: the wait is told in the present turn.
      const Interest interest = wait.interest();
      if (interest != Interest::write) entry->reader = &wait;
      if (interest != Interest::read) entry->writer = &wait;
      const bool is_ready =
          (interest != Interest::write && entry->readable) || (interest != Interest::read && entry->writable);
      if (is_ready) signaled_.push_back(entry);
    }
  }
  if (closed_) post(*new AbandonJob([](Loop& loop) { loop.abandon_all(); }, *this));
}

void Loop::on_unpark(Wait& wait) noexcept {
  if (wait.deadline() != kNever) deadlines_.remove(wait);
  if (wait.socket() == nullptr) return;
  ReadinessSet::Entry* entry = descriptor_socket(*wait.socket()).entry();
  if (entry == nullptr) return;
  if (entry->reader == &wait) entry->reader = nullptr;
  if (entry->writer == &wait) entry->writer = nullptr;
}

void Loop::turn(Turn what) noexcept {
  const Scope scope(this);
  dispatch_readiness();  // what the last turn left: its entries may be freed by collect()
  switch (what) {
    case Turn::readiness:
      readiness_->collect(signaled_);
      break;
    case Turn::deadlines:
      finish_overdue();
      break;
    case Turn::jobs:
      break;
  }
  for (int round = 0; round < kMaxJobRounds; ++round) {
    dispatch_readiness();
    run_jobs();
    if (signaled_.empty() && own_jobs_.empty()) return;
  }
  const std::lock_guard lock(mutex_);
  if (!std::exchange(wake_sent_, true)) wake();
}

void Loop::dispatch_readiness() {
  // Coroutines resumed here may park and signal more, which is appended; entries live until the next collect().
  for (std::size_t i = 0; i < signaled_.size(); ++i) {
    ReadinessSet::Entry& entry = *signaled_[i];
    if (entry.reader != nullptr && entry.readable) attempt(*entry.reader);
    if (entry.writer != nullptr && entry.writable) attempt(*entry.writer);
  }
  signaled_.clear();
}

void Loop::attempt(Wait& wait) noexcept {
  const Interest before = wait.interest();
  if (wait.attempt()) {
    finish(wait, WaitResult::ready);
    return;
  }
  if (wait.interest() == before) return;
  // TLS turned around: what waited to read waits to write now, or the other way.
  ReadinessSet::Entry* entry = descriptor_socket(*wait.socket()).entry();
  if (entry == nullptr) return;
  if (before == Interest::read) {
    entry->reader = nullptr;
    entry->writer = &wait;
  } else {
    entry->writer = nullptr;
    entry->reader = &wait;
  }
}

void Loop::finish_overdue() noexcept {
  const TimePoint present = now();
  while (Wait* wait = deadlines_.next_expired(present)) finish(*wait, WaitResult::deadline);
}

TimePoint Loop::next_deadline_turn() noexcept {
  if (deadlines_.empty()) return kNever;
  const TimePoint present = now();
  if (deadlines_.next_expired(present) != nullptr) return present;
  return deadlines_.next_look(present);
}

void Loop::run_jobs() noexcept {
  JobQueue batch;
  {
    const std::lock_guard lock(mutex_);
    batch.take(posted_jobs_);
    wake_sent_ = false;
  }
  batch.take(own_jobs_);
  batch.run_all();
}

void Loop::close() noexcept {
  const Scope scope(this);
  closed_ = true;
  abandon_all();
}

bool Loop::is_drained() noexcept {
  const std::lock_guard lock(mutex_);
  return parked_count() == 0 && posted_jobs_.empty() && own_jobs_.empty();
}

}  // namespace okhttp::internal
