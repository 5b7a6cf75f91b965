#pragma once

#include <okhttp/task.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "runtime/calling_thread.hpp"
#include "runtime/loop.hpp"
#include "support/detached.hpp"
#include "support/move_to.hpp"
#include "support/simulated_engine.hpp"

namespace okhttp::internal {

// The three engines behind one face, for tests whose body runs over all of them:
//   engine()         the engine
//   run(task)        runs a task on it to its end
//   expect_posts()   held while other threads are about to post something
//   make_silent()    an endpoint that does not answer a connect, as long as what it returns lives

/// Connections that fill the queue of a listener, so that the system drops what comes after.
class BusyListener {
 public:
  BusyListener() {
    std::error_code error;
    const ListenRequest request(Endpoint(IpAddress::loopback_v4(), 0), 0);
    listener_ = engine_.listen(request, error);
    if (listener_ == nullptr) throw std::system_error(error);
    // The queue holds one more than was asked for; a few more find it full.
    for (auto& client : clients_) client = engine_.begin_connect(ConnectRequest(listener_->endpoint()), error);
    engine_.run(first_connected());
  }
  [[nodiscard]] Endpoint endpoint() const { return listener_->endpoint(); }

 private:
  Task<> first_connected() {
    Readiness writable(engine_, WaitTerms(), *clients_[0], Interest::write);
    (void)co_await writable;
  }

  CallingThread engine_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Socket> clients_[4];
};

class OnCallingThread {
 public:
  static constexpr const char* kName = "CallingThread";
  [[nodiscard]] Engine& engine() noexcept { return engine_; }
  template <class T>
  T run(Task<T> task) {
    return engine_.run(std::move(task));
  }
  int expect_posts() { return 0; }
  BusyListener make_silent() { return BusyListener(); }
  [[nodiscard]] Endpoint any_port() const { return Endpoint(IpAddress::loopback_v4(), 0); }

 private:
  CallingThread engine_;
};

/// Waits for a task that was started on another engine.
template <class T>
T wait_for(const std::shared_ptr<Outcome<T>>& outcome) {
  CallingThread waiting;
  return waiting.run(join(waiting, outcome));
}

class OnLoop {
 public:
  static constexpr const char* kName = "Loop";
  [[nodiscard]] Engine& engine() noexcept { return *loop_; }
  template <class T>
  T run(Task<T> task) {
    return wait_for(start(on_engine(*loop_, std::move(task))));
  }
  int expect_posts() { return 0; }
  BusyListener make_silent() { return BusyListener(); }
  [[nodiscard]] Endpoint any_port() const { return Endpoint(IpAddress::loopback_v4(), 0); }

 private:
  std::shared_ptr<Loop> loop_ = Loop::start("test loop");
};

class OnSimulation {
 public:
  static constexpr const char* kName = "Simulation";
  OnSimulation() {
    ConnectScript script;
    script.to_server.max_piece = script.to_client.max_piece = 50'000;
    script.to_server.latency = script.to_client.latency = std::chrono::milliseconds(1);
    engine_.simulation().script_others(script);
  }
  [[nodiscard]] Engine& engine() noexcept { return engine_; }
  template <class T>
  T run(Task<T> task) {
    return engine_.run(std::move(task));
  }
  Simulation::ExpectPosts expect_posts() { return Simulation::ExpectPosts(engine_.simulation()); }
  class Silent {
   public:
    explicit Silent(Simulation& simulation) {
      simulation.script(endpoint(), ConnectScript(ConnectScript::Kind::silent));
    }
    [[nodiscard]] Endpoint endpoint() const { return Endpoint(IpAddress::v4({10, 0, 0, 99}), 80); }
  };
  Silent make_silent() { return Silent(engine_.simulation()); }
  [[nodiscard]] Endpoint any_port() const { return Endpoint(IpAddress::v4({10, 0, 0, 1}), 0); }

 private:
  SimulatedEngine engine_;
};

using AllEngines = testing::Types<OnCallingThread, OnLoop, OnSimulation>;

class EngineNames {
 public:
  template <class T>
  static std::string GetName(int) {
    return T::kName;
  }
};

/// What tests over AllEngines begin with.
template <class Fixture>
class OnEngineTest : public testing::Test {
 protected:
  Engine& engine() { return fixture_.engine(); }
  template <class T>
  T run(Task<T> task) {
    return fixture_.run(std::move(task));
  }

  Fixture fixture_;
};

}  // namespace okhttp::internal
