#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>

#include "runtime/cancellation.hpp"
#include "runtime/wait.hpp"

namespace okhttp::internal {

class Listener;
struct ConnectRequest;
struct ListenRequest;

/// The seam to the operating system: time, posted work, sockets. Coroutines run on whatever engine runs them; three
/// exist: the Loop (Boost.Asio), the CallingThread, and the SimulatedEngine of the tests.
///
/// Threads: post() and interrupt() from any thread; all else on the thread that runs the engine, where current() is it.
class Engine {
 public:
  Engine() noexcept;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  /// The engine whose work this thread is running, or null. The innermost when they nest.
  [[nodiscard]] static Engine* current() noexcept;
  [[nodiscard]] bool runs_here() const noexcept { return current() == this; }
  /// Different for every engine of the process: an engine on a stack may have the address of an earlier one.
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

  /// True for an engine that serves many calls, where a blocking wait would stop them all.
  [[nodiscard]] virtual bool is_shared() const noexcept = 0;

  /// For somebody who is about to rely on this engine, which may be nobody's of his: makes `share` keep it running.
  /// False when it is at its end. An engine on a stack gives no share: it lets go of calls at its end (on_attach), and
  /// a coroutine that waits there keeps it.
  [[nodiscard]] virtual bool share_in(std::shared_ptr<Engine>& /*share*/) noexcept { return true; }

  [[nodiscard]] virtual TimePoint now() noexcept = 0;

  /// Runs `job` on the engine's thread, after what runs now. Jobs keep their order.
  virtual void post(Job& job) noexcept = 0;

  /// Resumes every wait parked with `cancellation`; called by Cancellation::request() under its lock.
  virtual void interrupt(const std::shared_ptr<Cancellation>& cancellation) noexcept = 0;

  /// Begins a TCP connection: the socket is being connected; await writability, then ask connect_result().
  /// Null with `error` set when the system refused at once.
  [[nodiscard]] virtual std::unique_ptr<Socket> begin_connect(const ConnectRequest& request,
                                                              std::error_code& error) noexcept = 0;

  /// Listens on an endpoint (port 0 picks a free one). Null with `error` set on failure.
  [[nodiscard]] virtual std::unique_ptr<Listener> listen(const ListenRequest& request,
                                                         std::error_code& error) noexcept = 0;

  /// Ends a parked wait and resumes its coroutine before it returns.
  void finish(Wait& wait, WaitResult result) noexcept;

  /// Told that a call runs here from now on. An engine that may end before the call does lets go of it at its end.
  virtual void on_attach(const std::shared_ptr<Cancellation>& /*cancellation*/) {}

  /// Said by a coroutine of this engine that suspends without a wait of the engine's, until post() brings it back: the
  /// engine must not sleep where a post does not reach it. On the engine's thread, as the end of that.
  void expect_post() noexcept { ++posts_expected_; }
  void post_came() noexcept { --posts_expected_; }

  /// Ends with `canceled` every wait that the cancellation's call has parked here.
  void finish_all(Cancellation& cancellation) noexcept;

  /// Makes `socket` this engine's, so that waits for it may be parked here. Free when it is already. False when the
  /// system refuses to watch it: a wait parked for it would never be told.
  virtual bool adopt(Socket& socket) noexcept = 0;

 protected:
  friend class Wait;

  /// Makes this engine current() on this thread for its own life.
  class Scope {
   public:
    explicit Scope(Engine* engine) noexcept;
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope();

   private:
    Engine* previous_;
  };

  /// Called when a wait comes and goes, for what the engine keeps of it: its deadline, its socket.
  virtual void on_park(Wait& wait) noexcept = 0;
  virtual void on_unpark(Wait& wait) noexcept = 0;

  /// Ends every parked wait with `canceled`, until there is none: the engine is going away.
  void abandon_all() noexcept;

  [[nodiscard]] const Wait::ParkedList& parked() const noexcept { return parked_; }
  [[nodiscard]] std::size_t parked_count() const noexcept { return parked_count_; }
  [[nodiscard]] bool expects_posts() const noexcept { return posts_expected_ > 0; }

 private:
  void park(Wait& wait) noexcept;
  void unpark(Wait& wait) noexcept;

  const std::uint64_t id_;
  Wait::ParkedList parked_;
  std::size_t parked_count_ = 0;
  std::size_t posts_expected_ = 0;
};

/// co_await Sleep(engine, terms): resumes at the deadline or when canceled, which result says.
class Sleep final : public Wait {
 public:
  Sleep(Engine& engine, WaitTerms terms) noexcept : Wait(terms), sleeping_on_(engine) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { suspend(sleeping_on_, waiter); }
  WaitResult await_resume() const noexcept { return result(); }

 private:
  Engine& sleeping_on_;
};

}  // namespace okhttp::internal
