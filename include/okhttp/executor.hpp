#pragma once

#include <okhttp/config.hpp>
#include <okhttp/function.hpp>

#include <memory>

namespace okhttp {

/// Runs work on threads of its own choice.
class OKHTTP_API Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  /// Runs `work` soon, once, on a thread that may block. Called from any thread, never with a lock of the library held.
  /// Throwing means that the work was refused and will not be run.
  virtual void execute(std::function<void()> work) = 0;
};

}  // namespace okhttp
