#pragma once

#include <chrono>
#include <stop_token>

namespace okcurl {

/// Waits so long, or until somebody asks to stop.
void pause_for(std::chrono::nanoseconds time, const std::stop_token& stop);

}  // namespace okcurl
