#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "call/fake_dispatched_call.hpp"
#include "support/seeded_random.hpp"

namespace okhttp::internal {
namespace {

/// The rules, written down in the simplest way: one list of waiting calls, looked through from its start each time.
class NaiveDispatcher {
 public:
  struct Entry {
    std::string name;
    std::string host;
    bool per_host = true;
    bool takes_place = true;
  };

  void enqueue(Entry entry) {
    const std::string name = entry.name;
    ready.push_back(std::move(entry));
    const FakeDispatchedCall::Log before = log;
    promote();
    if (log == before) log.push_back("wait " + name);
  }
  void block(Entry entry) {
    entry.takes_place = false;
    running.push_back(std::move(entry));
  }
  void finish(const std::string& name) {
    std::erase_if(running, [&](const Entry& entry) { return entry.name == name; });
    promote();
    if (running.empty()) log.emplace_back("idle");
  }
  void withdraw(const std::string& name) {
    std::erase_if(ready, [&](const Entry& entry) { return entry.name == name; });
  }
  void promote() {
    for (auto next = ready.begin(); next != ready.end();) {
      if (count([](const Entry&) { return true; }) >= max_requests) return;
      const std::string& host = next->host;
      const std::size_t of_host = count([&](const Entry& entry) { return entry.per_host && entry.host == host; });
      if (next->per_host && of_host >= max_per_host) {
        ++next;
        continue;
      }
      log.push_back("run " + next->name);
      running.push_back(*next);
      next = ready.erase(next);
    }
  }

  static std::vector<std::string> names(const std::vector<Entry>& entries) {
    std::vector<std::string> names;
    for (const Entry& entry : entries) names.push_back(entry.name);
    return names;
  }

  std::size_t max_requests = 64;
  std::size_t max_per_host = 5;
  std::vector<Entry> ready;
  std::vector<Entry> running;
  FakeDispatchedCall::Log log;

 private:
  template <class Predicate>
  std::size_t count(Predicate predicate) const {
    return static_cast<std::size_t>(std::count_if(
        running.begin(), running.end(), [&](const Entry& entry) { return entry.takes_place && predicate(entry); }));
  }
};

/// Does the same random thing to the queue and to the model, and compares all that can be seen.
class ModelRun {
 public:
  explicit ModelRun(std::uint64_t seed) : random_(seed) {
    queue_.set_idle_callback([this] { log_.emplace_back("idle"); });
  }

  void step() {
    switch (random_.below(16)) {
      case 0:
        model_.max_requests = random_.between(1, 12);
        queue_.set_max_requests(model_.max_requests);
        model_.promote();
        break;
      case 1:
        model_.max_per_host = random_.between(1, 5);
        queue_.set_max_requests_per_host(model_.max_per_host);
        model_.promote();
        break;
      case 2:
        block();
        break;
      case 3:
        withdraw_one();
        break;
      case 4:
      case 5:
      case 6:
      case 7:
      case 8:
      case 9:
        finish_one();
        break;
      default:
        enqueue();
        break;
    }
  }

  void finish_all() {
    while (!model_.running.empty()) finish_one();
  }

  void expect_same() {
    ASSERT_EQ(log_, model_.log);
    ASSERT_EQ(names(queue_.queued()), NaiveDispatcher::names(model_.ready));
    ASSERT_EQ(names(queue_.running()), NaiveDispatcher::names(model_.running));
    ASSERT_EQ(queue_.queued_count(), model_.ready.size());
    ASSERT_EQ(queue_.running_count(), model_.running.size());
    log_.clear();
    model_.log.clear();
  }

 private:
  NaiveDispatcher::Entry make() {
    NaiveDispatcher::Entry entry;
    entry.name = std::to_string(calls_.size());
    entry.host = "host" + std::to_string(random_.below(6));
    entry.per_host = !random_.one_in(8);
    auto call = std::make_shared<FakeDispatchedCall>(entry.name, entry.host, log_);
    call->is_counted_per_host = entry.per_host;
    calls_.emplace(entry.name, std::move(call));
    return entry;
  }

  void enqueue() {
    NaiveDispatcher::Entry entry = make();
    queue_.enqueue(calls_.at(entry.name));
    model_.enqueue(std::move(entry));
  }

  void block() {
    NaiveDispatcher::Entry entry = make();
    queue_.blocking_started(calls_.at(entry.name));
    model_.block(std::move(entry));
  }

  void finish_one() {
    if (model_.running.empty()) return;
    const std::string name = model_.running[random_.below(model_.running.size())].name;
    queue_.finished(*calls_.at(name));
    model_.finish(name);
  }

  void withdraw_one() {
    if (model_.ready.empty()) return;
    const std::string name = model_.ready[random_.below(model_.ready.size())].name;
    EXPECT_TRUE(queue_.withdraw(*calls_.at(name)));
    model_.withdraw(name);
  }

  static std::vector<std::string> names(const DispatchQueue::Calls& calls) {
    std::vector<std::string> names;
    for (const auto& call : calls) names.push_back(dynamic_cast<FakeDispatchedCall&>(*call).name());
    return names;
  }

  SeededRandom random_;
  FakeDispatchedCall::Log log_;
  DispatchQueue queue_;
  NaiveDispatcher model_;
  std::map<std::string, std::shared_ptr<FakeDispatchedCall>> calls_;
};

TEST(DispatchQueueModelTest, DoesWhatTheNaiveOneDoes) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ModelRun run(seed);
    for (int step = 0; step < 300; ++step) {
      run.step();
      ASSERT_NO_FATAL_FAILURE(run.expect_same()) << "step " << step;
    }
    run.finish_all();
    ASSERT_NO_FATAL_FAILURE(run.expect_same());
  }
}

/// Calls that are ended by other threads than those that run them, as by a loop.
class Workers {
 public:
  explicit Workers(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Workers() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void post(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ended_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

/// What all calls of the hammer have in common.
struct Arena {
  DispatchQueue queue;
  std::atomic<std::size_t> running{0};
  std::atomic<std::size_t> most_running{0};
  std::atomic<std::size_t> open{0};
  std::atomic<std::size_t> idle{0};

  void note_start() {
    const std::size_t now = ++running;
    std::size_t most = most_running.load();
    while (most < now && !most_running.compare_exchange_weak(most, now)) {
    }
  }
  void note_end() {
    if (--open == 0) open.notify_all();
  }
  void wait_until_all_ended() {
    for (std::size_t left = open.load(); left != 0; left = open.load()) open.wait(left);
  }
};

class HammerCall final : public DispatchedCall {
 public:
  HammerCall(Arena& arena, Workers& workers, std::string host)
      : arena_(arena), workers_(workers), host_(std::move(host)) {}

  const std::string& dispatch_host() const noexcept override { return host_; }
  bool counts_per_host() const noexcept override { return true; }
  void run_dispatched() noexcept override {
    EXPECT_NE(state_.exchange(kRunning), kAnnouncing) << "run while it was told that it waits";
    EXPECT_EQ(runs_.fetch_add(1), 0) << "run twice";
    arena_.note_start();
    workers_.post([this] {
      --arena_.running;
      arena_.queue.finished(*this);
      arena_.note_end();
    });
  }
  void waits_in_queue() noexcept override {
    EXPECT_EQ(state_.exchange(kAnnouncing), kNew);
    std::this_thread::yield();
    EXPECT_EQ(state_.exchange(kAnnounced), kAnnouncing);
  }
  void cancel_dispatched() noexcept override {
    if (!arena_.queue.withdraw(*this)) return;
    EXPECT_EQ(runs_.fetch_add(1), 0) << "run and withdrawn";
    arena_.note_end();
  }
  Call public_call() override { throw std::logic_error("a fake has no handle"); }

  [[nodiscard]] int runs() const { return runs_.load(); }

 private:
  static constexpr int kNew = 0;
  static constexpr int kAnnouncing = 1;
  static constexpr int kAnnounced = 2;
  static constexpr int kRunning = 3;

  Arena& arena_;
  Workers& workers_;
  const std::string host_;
  std::atomic<int> state_ = kNew;
  std::atomic<int> runs_ = 0;
};

constexpr std::size_t kProducers = 4;
constexpr std::size_t kCallsEach = 4000;

std::vector<std::shared_ptr<HammerCall>> hammer_calls(Arena& arena, Workers& workers) {
  std::vector<std::shared_ptr<HammerCall>> calls;
  for (std::size_t i = 0; i < kProducers * kCallsEach; ++i) {
    calls.push_back(std::make_shared<HammerCall>(arena, workers, "host" + std::to_string(i % 7)));
  }
  arena.open = calls.size();
  return calls;
}

/// `disturb` is called between the calls that each producer enqueues, with the one it just enqueued.
void hammer(Arena& arena, const std::function<void(std::size_t, HammerCall&)>& disturb) {
  std::vector<std::shared_ptr<HammerCall>> calls;
  {
    Workers workers(3);
    calls = hammer_calls(arena, workers);
    std::vector<std::thread> producers;
    for (std::size_t producer = 0; producer < kProducers; ++producer) {
      producers.emplace_back([&, producer] {
        for (std::size_t i = 0; i < kCallsEach; ++i) {
          HammerCall& call = *calls[i * kProducers + producer];
          arena.queue.enqueue(calls[i * kProducers + producer]);
          disturb(i, call);
        }
      });
    }
    for (std::thread& producer : producers) producer.join();
    arena.wait_until_all_ended();
  }
  EXPECT_EQ(arena.queue.running_count(), 0U);
  EXPECT_EQ(arena.queue.queued_count(), 0U);
  for (const auto& call : calls) ASSERT_EQ(call->runs(), 1) << "lost, or ended twice";
}

TEST(DispatchQueueThreadsTest, ManyThreadsLoseNoCallAndNeverRunMoreThanTheMaximum) {
  Arena arena;
  arena.queue.set_max_requests(4);
  arena.queue.set_idle_callback([&] { ++arena.idle; });
  hammer(arena, [](std::size_t, HammerCall&) {});
  EXPECT_LE(arena.most_running.load(), 4U);
  EXPECT_GE(arena.idle.load(), 1U);
}

TEST(DispatchQueueThreadsTest, LimitsCancelsAndQueriesFromManyThreadsLoseNoCall) {
  Arena arena;
  arena.queue.set_max_requests(4);
  hammer(arena, [&](std::size_t i, HammerCall& call) {
    if (i % 3 == 0) call.cancel_dispatched();
    if (i % 16 == 1) arena.queue.set_max_requests(1 + i % 8);
    if (i % 16 == 5) arena.queue.set_max_requests_per_host(1 + i % 4);
    if (i % 64 == 7 && arena.queue.running().size() > kProducers * kCallsEach) ADD_FAILURE() << "one is listed twice";
    if (i % 512 == 9) arena.queue.cancel_all();
  });
}

}  // namespace
}  // namespace okhttp::internal
