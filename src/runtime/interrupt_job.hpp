#pragma once

#include <memory>
#include <utility>

#include "runtime/engine.hpp"

namespace okhttp::internal {

/// Brings a cancellation to the engine's thread. Frees itself.
class InterruptJob final : public Job {
 public:
  InterruptJob(Engine& engine, std::shared_ptr<Cancellation> cancellation) noexcept
      : engine_(engine), cancellation_(std::move(cancellation)) {}

  void run() noexcept override {
    engine_.finish_all(*cancellation_);
    delete this;
  }

 private:
  Engine& engine_;
  std::shared_ptr<Cancellation> cancellation_;
};

}  // namespace okhttp::internal
