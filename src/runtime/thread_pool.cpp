#include "runtime/thread_pool.hpp"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace okhttp::internal {

struct ThreadPool::Shared {
  const std::string name;
  const std::size_t max_threads;
  const std::chrono::milliseconds keep_alive;

  std::mutex mutex;
  std::condition_variable work_or_end;
  std::deque<std::function<void()>> queue;  // guarded by mutex, as all below
  std::size_t threads = 0;
  std::size_t idle = 0;
  bool ended = false;

  Shared(std::string pool_name, std::size_t maximum, std::chrono::milliseconds idle_time)
      : name(std::move(pool_name)), max_threads(maximum), keep_alive(idle_time) {}

  void serve() {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    std::unique_lock lock(mutex);
    for (;;) {
      while (!queue.empty()) {
        std::function<void()> work = std::move(queue.front());
        queue.pop_front();
        lock.unlock();
        work();
        work = nullptr;  // what it owns goes away without the lock
        lock.lock();
      }
      if (ended) break;
      ++idle;
      const bool woken = work_or_end.wait_for(lock, keep_alive, [this] { return ended || !queue.empty(); });
      --idle;
      if (!woken) break;
    }
    --threads;
  }
};

ThreadPool::ThreadPool(std::string name, std::size_t max_threads, std::chrono::milliseconds keep_alive)
    : shared_(std::make_shared<Shared>(std::move(name), max_threads, keep_alive)) {}

ThreadPool::~ThreadPool() {
  const std::lock_guard lock(shared_->mutex);
  shared_->ended = true;
  shared_->work_or_end.notify_all();
}

void ThreadPool::execute(std::function<void()> work) {
  std::unique_lock lock(shared_->mutex);
  shared_->queue.push_back(std::move(work));
  if (shared_->idle >= shared_->queue.size() || shared_->threads >= shared_->max_threads) {
    shared_->work_or_end.notify_one();
    return;
  }
  ++shared_->threads;
  try {
    std::thread([shared = shared_] { shared->serve(); }).detach();
  } catch (...) {
    --shared_->threads;
    if (shared_->threads == 0) {
      shared_->queue.pop_back();
      throw;
    }
  }
}

std::size_t ThreadPool::thread_count() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->threads;
}

}  // namespace okhttp::internal
