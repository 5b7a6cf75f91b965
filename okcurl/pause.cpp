#include "okcurl/pause.hpp"

#include <condition_variable>
#include <mutex>

namespace okcurl {

void pause_for(std::chrono::nanoseconds time, const std::stop_token& stop) {
  if (time <= std::chrono::nanoseconds::zero()) return;
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace okcurl
