#pragma once

#include <okhttp/call.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "call/dispatch_queue.hpp"

namespace okhttp::internal {

/// A call that does nothing but write down what its queue asks of it, and do what the test asks for then.
class FakeDispatchedCall : public DispatchedCall {
 public:
  using Log = std::vector<std::string>;

  FakeDispatchedCall(std::string name, std::string host, Log& log)
      : name_(std::move(name)), host_(std::move(host)), log_(log) {}

  const std::string& dispatch_host() const noexcept override { return host_; }
  bool counts_per_host() const noexcept override { return is_counted_per_host; }
  void run_dispatched() noexcept override {
    log_.push_back("run " + name_);
    if (when_run) when_run();
  }
  void waits_in_queue() noexcept override {
    log_.push_back("wait " + name_);
    if (when_waiting) when_waiting();
  }
  void cancel_dispatched() noexcept override {
    log_.push_back("cancel " + name_);
    if (when_canceled) when_canceled();
  }
  Call public_call() override { throw std::logic_error("a fake has no handle"); }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  bool is_counted_per_host = true;
  std::function<void()> when_run;
  std::function<void()> when_waiting;
  std::function<void()> when_canceled;

 private:
  const std::string name_;
  const std::string host_;
  Log& log_;
};

}  // namespace okhttp::internal
