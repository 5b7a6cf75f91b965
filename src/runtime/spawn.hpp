#pragma once

#include <okhttp/task.hpp>

#include "runtime/engine.hpp"

namespace okhttp::internal {

/// Runs `task` on `engine` without anybody waiting for it. The task must not throw and must own all that it uses; it
/// starts on the engine's thread, and is destroyed unrun if the engine never runs again.
void spawn_detached(Engine& engine, Task<void> task);

/// Starts `task` here and now, on the engine that this thread runs, without anybody waiting for it.
void start_detached(Task<void> task) noexcept;

}  // namespace okhttp::internal
