#pragma once

#include <future>
#include <utility>

#include "runtime/engine.hpp"

namespace okhttp::internal {

/// Runs `work` on the engine's thread, waits for it, and rethrows what it threw. Not for that thread itself.
template <class Work>
void run_on_engine(Engine& engine, Work work) {
  class WorkJob final : public Job {
   public:
    explicit WorkJob(Work what) : work_(std::move(what)) {}
    [[nodiscard]] std::future<void> finished() { return finished_.get_future(); }
    void run() noexcept override {
      try {
        work_();
        finished_.set_value();
      } catch (...) {
        finished_.set_exception(std::current_exception());
      }
      delete this;
    }

   private:
    Work work_;
    std::promise<void> finished_;
  };
  auto* const job = new WorkJob(std::move(work));
  std::future<void> finished = job->finished();
  engine.post(*job);
  finished.get();
}

}  // namespace okhttp::internal
