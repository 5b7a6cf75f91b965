#include <okhttp/client.hpp>
#include <okhttp/sync_wait.hpp>

#include <exception>
#include <memory>
#include <stdexcept>
#include <utility>

#include "call/client_handle.hpp"
#include "call/dispatch_queue.hpp"
#include "runtime/calling_thread.hpp"
#include "runtime/front_door.hpp"
#include "runtime/spawn.hpp"

namespace okhttp {
namespace internal {

void run_on_this_thread(Task<void> task) {
  refuse_to_block("sync_wait()", "co_await task");
  CallingThread thread;
  thread.run(std::move(task));
}

namespace {

/// Keeps the loop running for as long as the task does.
Task<void> run_spawned(Task<void> task, std::shared_ptr<Loop> loop, Dispatcher dispatcher) {
  const std::shared_ptr<Loop> wanted = std::move(loop);
  Task<void> running = std::move(task);
  try {
    co_await std::move(running);
  } catch (...) {
    DispatcherAccess::queue(dispatcher)->report_exception(std::current_exception());
  }
}

}  // namespace
}  // namespace internal

void spawn(const Client& client, Task<void> task) {
  const internal::ClientCore& core = internal::ClientAccess::core(client);
  std::shared_ptr<internal::Loop> loop = core.loops->get();
  internal::Engine& engine = *loop;
  internal::spawn_detached(engine, internal::run_spawned(std::move(task), std::move(loop), core.dispatcher));
}

}  // namespace okhttp
