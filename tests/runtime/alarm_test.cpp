#include "runtime/alarm.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

TEST(AlarmTest, RingsWhenItsTimeHasComeAndNotBefore) {
  std::promise<TimePoint> rung;
  const TimePoint when = Clock::now() + 20ms;
  const Alarm alarm("alarm", when, [&] { rung.set_value(Clock::now()); });
  EXPECT_GE(rung.get_future().get(), when);
}

TEST(AlarmTest, RingsOnAThreadOfItsOwnThatBearsItsName) {
  std::promise<std::pair<std::thread::id, std::string>> result;
  const Alarm alarm("okhttp alarm with a long name", Clock::now(), [&] {
    char name[32] = {};
    pthread_getname_np(pthread_self(), name, sizeof name);
    result.set_value({std::this_thread::get_id(), name});
  });
  const auto [id, name] = result.get_future().get();
  EXPECT_NE(id, std::this_thread::get_id());
  EXPECT_EQ(name, "okhttp alarm wi");
}

TEST(AlarmTest, RingsOnceWhenItIsToldTo) {
  auto times = std::make_shared<std::promise<void>>();  // a second value would throw, and end the process
  const std::weak_ptr<std::promise<void>> thread_has_it = times;
  std::future<void> rung = times->get_future();
  Alarm alarm("alarm", Clock::now() + 1h, [times = std::move(times)] { times->set_value(); });
  alarm.ring_now();
  alarm.ring_now();
  rung.get();
  while (!thread_has_it.expired()) std::this_thread::yield();
}

TEST(AlarmTest, DroppingItCallsItOff) {
  auto promise = std::make_shared<std::promise<void>>();
  std::future<void> rung = promise->get_future();
  {
    const Alarm alarm("alarm", Clock::now() + 1h, [promise = std::move(promise)] { promise->set_value(); });
  }
  // Its thread ends, and the promise with it.
  EXPECT_THROW(rung.get(), std::future_error);
}

TEST(AlarmTest, MayBeDroppedByItsOwnFunction) {
  std::promise<void> dropped;
  auto alarm = std::make_shared<std::unique_ptr<Alarm>>();
  std::promise<void> made;
  *alarm = std::make_unique<Alarm>("alarm", Clock::now(), [&dropped, alarm, ready = made.get_future().share()] {
    ready.wait();
    alarm->reset();
    dropped.set_value();
  });
  made.set_value();
  dropped.get_future().get();
}

}  // namespace
}  // namespace okhttp::internal
