#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "runtime/fork_mark.hpp"
#include "runtime/loop.hpp"

namespace okhttp::internal {
namespace {

namespace asio = boost::asio;

/// A Loop whose turns Boost.Asio calls, on a thread of its own.
///
/// One wait on the readiness set's descriptor serves all sockets, one timer all deadlines, one posted handler all jobs
/// of other threads, so that a turn costs the same few system calls however many calls it advances.
class AsioLoop final : public Loop {
 public:
  AsioLoop() : readiness_(context_, duplicate(readiness_descriptor())), timer_(context_) {}

  /// What the thread runs, until the loop was closed and everything in it came to its end.
  void run(const std::string& thread_name) {
    pthread_setname_np(pthread_self(), thread_name.substr(0, 15).c_str());
    await_readiness();
    context_.run();
  }

  /// From any thread: the last holder is gone.
  void end() noexcept {
    asio::post(context_, [this] {
      close();
      turn(Turn::jobs);  // what those who were ended left to do
      finish_if_drained();
    });
  }

 private:
  static int duplicate(int descriptor) {
    const int copy = ::dup(descriptor);
    if (copy < 0) throw std::system_error(errno, std::system_category(), "dup");
    return copy;
  }

  void await_readiness() {
    readiness_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
      if (error) return;
      turn(Turn::readiness);
      if (finish_if_drained()) return;
      await_readiness();
    });
  }

  void wake() noexcept override {
    asio::post(context_, [this] {
      turn(Turn::jobs);
      finish_if_drained();
    });
  }

  void arm_timer(TimePoint when) noexcept override {
    // Mostly the next deadline is later than the one that is armed, and nothing has to be done.
    if (when >= armed_for_) return;
    armed_for_ = when;
    timer_.expires_at(when);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;  // armed anew for an earlier time
      armed_for_ = kNever;
      turn(Turn::deadlines);
      if (finish_if_drained()) return;
      if (const TimePoint next = next_deadline_turn(); next != kNever) arm_timer(next);
    });
  }

  bool finish_if_drained() {
    if (!is_closed() || !is_drained()) return false;
    readiness_.cancel();
    timer_.cancel();
    guard_.reset();
    return true;
  }

  asio::io_context context_{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard_{context_.get_executor()};
  asio::posix::stream_descriptor readiness_;
  asio::steady_timer timer_;
  TimePoint armed_for_ = kNever;
};

}  // namespace

std::shared_ptr<Loop> Loop::start(std::string thread_name) {
  std::unique_ptr<AsioLoop> loop;
  try {
    loop = std::make_unique<AsioLoop>();
  } catch (const boost::system::system_error& problem) {
    throw std::system_error(problem.code(), "a loop");  // Boost's own type is no std::system_error
  }
  AsioLoop* const running = loop.get();
  std::thread([owned = std::move(loop), name = std::move(thread_name)] { owned->run(name); }).detach();
  // The thread owns the loop; holders only say how long it is wanted. A forked child has no such thread.
  return std::shared_ptr<Loop>(running, [mark = ForkMark()](Loop* unwanted) {
    if (!mark.is_inherited()) static_cast<AsioLoop*>(unwanted)->end();
  });
}

}  // namespace okhttp::internal
