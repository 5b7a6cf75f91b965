#pragma once

#include <utility>

namespace okhttp::internal {

/// Work handed to an engine. The object stays with its maker and must live until run() began; no allocation is made.
class Job {
 public:
  /// Called once, on the engine's thread.
  virtual void run() noexcept = 0;

 protected:
  Job() = default;
  Job(const Job&) = default;
  Job& operator=(const Job&) = default;
  virtual ~Job() = default;

 private:
  friend class JobQueue;
  Job* next_ = nullptr;
};

/// Jobs in the order of their coming. Not thread-safe.
class JobQueue {
 public:
  [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }

  void push(Job& job) noexcept {
    job.next_ = nullptr;
    (tail_ != nullptr ? tail_->next_ : head_) = &job;
    tail_ = &job;
  }

  /// Runs all that is queued now; what is pushed meanwhile is left for the next time.
  void run_all() noexcept {
    Job* job = std::exchange(head_, nullptr);
    tail_ = nullptr;
    while (job != nullptr) std::exchange(job, job->next_)->run();
  }

  /// Appends all of `other`, which is empty afterwards.
  void take(JobQueue& other) noexcept {
    if (other.empty()) return;
    (tail_ != nullptr ? tail_->next_ : head_) = other.head_;
    tail_ = std::exchange(other.tail_, nullptr);
    other.head_ = nullptr;
  }

 private:
  Job* head_ = nullptr;
  Job* tail_ = nullptr;
};

}  // namespace okhttp::internal
