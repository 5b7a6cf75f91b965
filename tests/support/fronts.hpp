#pragma once

#include <okhttp/client.hpp>
#include <okhttp/sync_wait.hpp>

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <future>
#include <latch>
#include <memory>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

namespace okhttp {

/// The three ways to run a call.
enum class Front { blocking, callback, awaited };

inline Task<Result<Response>> outcome_of(Call call) {
  try {
    Response response = co_await call;
    co_return Result<Response>(std::move(response));
  } catch (const Error& error) {
    co_return Result<Response>(error);
  }
}

/// Runs the call, on a thread of its own where that blocks. What is no Error is thrown, here or by the future.
inline std::future<Result<Response>> start(Front front, const Call& call) {
  if (front == Front::blocking) return std::async(std::launch::async, [call] { return call.try_execute(); });
  if (front == Front::awaited) return std::async(std::launch::async, [call] { return sync_wait(outcome_of(call)); });
  auto promise = std::make_shared<std::promise<Result<Response>>>();
  call.enqueue([promise](const Call&, Result<Response> result) { promise->set_value(std::move(result)); });
  return promise->get_future();
}

/// The code of the Error that the call ends with; Errc() when it gave a response.
inline Errc failure_of(std::future<Result<Response>> outcome) {
  const Result<Response> result = outcome.get();
  return result.has_value() ? Errc() : result.error().errc();
}

inline auto all_fronts() { return ::testing::Values(Front::blocking, Front::callback, Front::awaited); }

inline std::string name_of(Front front) {
  if (front == Front::blocking) return "Blocking";
  return front == Front::callback ? "Callback" : "Awaited";
}

inline std::string front_name(const ::testing::TestParamInfo<Front>& info) { return name_of(info.param); }

inline std::string name_of_this_thread() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return std::string(name.data());
}

/// A resolver that does not come back before it is released.
class HangingDns final : public Dns {
 public:
  std::vector<IpAddress> lookup(const std::string&) override {
    asked_.release();
    released_.wait();
    throw Error(Errc::unknown_host, "released");
  }
  void wait_until_asked() { asked_.acquire(); }
  void release() { released_.count_down(); }

 private:
  std::counting_semaphore<> asked_{0};
  std::latch released_{1};
};

}  // namespace okhttp
