#pragma once

#include <okhttp/task.hpp>

#include <chrono>
#include <memory>
#include <utility>

#include "runtime/engine.hpp"
#include "runtime/stream.hpp"
#include "support/detached.hpp"

namespace okhttp::internal {

/// An engine whose clock a test sets by hand and which takes any socket, for what never has to wait.
class ManualEngine final : public Engine {
 public:
  TimePoint time = TimePoint(std::chrono::hours(1));
  bool refuses_sockets = false;

  /// Runs `task`, which must come to its end without waiting, and returns or throws its result.
  template <class T>
  T run(Task<T> task) {
    const Scope scope(this);
    return start(std::move(task))->take();
  }

  [[nodiscard]] bool is_shared() const noexcept override { return true; }
  [[nodiscard]] TimePoint now() noexcept override { return time; }
  void post(Job& job) noexcept override { job.run(); }
  void interrupt(const std::shared_ptr<Cancellation>&) noexcept override {}
  [[nodiscard]] std::unique_ptr<Socket> begin_connect(const ConnectRequest&, std::error_code& error) noexcept override {
    error = std::make_error_code(std::errc::network_unreachable);
    return nullptr;
  }
  [[nodiscard]] std::unique_ptr<Listener> listen(const ListenRequest&, std::error_code& error) noexcept override {
    error = std::make_error_code(std::errc::network_unreachable);
    return nullptr;
  }
  bool adopt(Socket&) noexcept override { return !refuses_sockets; }

 protected:
  void on_park(Wait&) noexcept override {}
  void on_unpark(Wait&) noexcept override {}
};

}  // namespace okhttp::internal
