#pragma once

#include <okhttp/executor.hpp>

#include <exception>
#include <functional>
#include <memory>

namespace okhttp::internal {

/// Runs users' callbacks on the executor of their choice, and sees to it that none is lost or called twice.
///
/// Threads: any. Callbacks under way outlive the runner, and do not keep the executor: one that goes away with
/// callbacks it has not run has refused them.
class CallbackRunner final {
 public:
  /// Null means threads of its own, made on demand and kept 60 s.
  explicit CallbackRunner(std::shared_ptr<Executor> executor);

  /// Runs `work` on the executor. If that refuses it, by throwing or by dropping it unrun, runs `when_refused` instead,
  /// on a thread of its own. Exactly one of the two runs, once.
  void run(std::function<void()> work, std::function<void()> when_refused) const;

  /// Runs `function` here and reports what it throws.
  void run_guarded(const std::function<void()>& function) const noexcept;

  /// An empty handler brings back the default, which writes a line to standard error.
  void set_exception_handler(std::function<void(std::exception_ptr)> handler) const;

 private:
  class Shared;
  class Callback;

  const std::shared_ptr<Executor> executor_;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace okhttp::internal
