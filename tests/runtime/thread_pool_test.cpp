#include "runtime/thread_pool.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace okhttp::internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLong = seconds(60);

TEST(ThreadPoolTest, RunsWorkOnAThreadOfItsOwnThatBearsItsName) {
  ThreadPool pool("okhttp worker with a long name", 2, kLong);
  EXPECT_EQ(pool.thread_count(), 0U);
  std::promise<std::pair<std::thread::id, std::string>> result;
  pool.execute([&result] {
    char name[32] = {};
    pthread_getname_np(pthread_self(), name, sizeof name);
    result.set_value({std::this_thread::get_id(), name});
  });
  const auto [id, name] = result.get_future().get();
  EXPECT_NE(id, std::this_thread::get_id());
  EXPECT_EQ(name, "okhttp worker w");
}

TEST(ThreadPoolTest, WorkThatBlocksGetsAThreadEachUpToTheMaximum) {
  constexpr int kThreads = 4;
  ThreadPool pool("pool", kThreads, kLong);
  std::latch all_run(kThreads);
  std::latch go_on(1);
  std::latch done(2 * kThreads);
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  for (int i = 0; i < 2 * kThreads; ++i) {
    pool.execute([&, i] {
      const int now = ++running;
      for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
      }
      if (i < kThreads) {
        all_run.count_down();
        go_on.wait();
      }
      --running;
      done.count_down();
    });
  }
  all_run.wait();  // would never end if fewer ran at once
  EXPECT_EQ(pool.thread_count(), static_cast<std::size_t>(kThreads));
  go_on.count_down();
  done.wait();
  EXPECT_EQ(most, kThreads);
}

TEST(ThreadPoolTest, RunsWorkInOrderOnASingleThread) {
  ThreadPool pool("pool", 1, kLong);
  std::vector<int> order;
  std::latch done(100);
  for (int i = 0; i < 100; ++i) {
    pool.execute([&, i] {
      order.push_back(i);
      done.count_down();
    });
  }
  done.wait();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(ThreadPoolTest, WorkMayAskForMoreWork) {
  ThreadPool pool("pool", 1, kLong);
  std::latch done(1);
  pool.execute([&] { pool.execute([&] { done.count_down(); }); });
  done.wait();
}

TEST(ThreadPoolTest, AThreadThatIdlesTooLongEndsAndAnotherIsMade) {
  ThreadPool pool("pool", 3, milliseconds(1));
  std::latch first(1);
  pool.execute([&first] { first.count_down(); });
  first.wait();
  while (pool.thread_count() != 0) std::this_thread::yield();
  std::latch second(1);
  pool.execute([&second] { second.count_down(); });
  second.wait();
}

TEST(ThreadPoolTest, DestroyingThePoolDropsNoWork) {
  auto count = std::make_shared<std::atomic<int>>(0);
  auto blocked = std::make_shared<std::latch>(1);
  auto done = std::make_shared<std::latch>(100);
  {
    ThreadPool pool("pool", 1, kLong);
    pool.execute([blocked] { blocked->wait(); });
    for (int i = 0; i < 100; ++i) {
      pool.execute([count, done] {
        ++*count;
        done->count_down();
      });
    }
  }
  blocked->count_down();
  done->wait();
  EXPECT_EQ(*count, 100);
}

TEST(ThreadPoolTest, MayBeDestroyedOnOneOfItsOwnThreads) {
  auto pool = std::make_shared<ThreadPool>("pool", 1, kLong);
  auto let_go = std::make_shared<std::latch>(1);
  auto done = std::make_shared<std::latch>(1);
  pool->execute([last = pool, let_go, done]() mutable {
    let_go->wait();
    last.reset();
    done->count_down();
  });
  pool.reset();
  let_go->count_down();
  done->wait();
}

TEST(ThreadPoolTest, WhatWorkOwnsIsGoneBeforeTheThreadIdles) {
  ThreadPool pool("pool", 1, kLong);
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = owned;
  std::latch next(1);
  pool.execute([owned = std::move(owned)] {});
  pool.execute([&next] { next.count_down(); });
  next.wait();
  EXPECT_TRUE(watch.expired());
}

TEST(ThreadPoolTest, ManyThreadsMayAskAtOnce) {
  constexpr int kAskers = 8;
  constexpr int kWork = 2000;
  auto done = std::make_shared<std::latch>(kAskers * kWork);
  ThreadPool pool("pool", 3, milliseconds(1));
  std::vector<std::thread> askers;
  for (int i = 0; i < kAskers; ++i) {
    askers.emplace_back([&pool, done] {
      for (int k = 0; k < kWork; ++k) pool.execute([done] { done->count_down(); });
    });
  }
  for (std::thread& asker : askers) asker.join();
  done->wait();
}

}  // namespace
}  // namespace okhttp::internal
