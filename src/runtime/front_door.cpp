#include "runtime/front_door.hpp"

#include <stdexcept>
#include <string>

#include "runtime/engine.hpp"

namespace okhttp::internal {

void refuse_to_block(std::string_view function, std::string_view awaitable) {
  const Engine* engine = Engine::current();
  if (engine == nullptr || !engine->is_shared()) return;
  std::string message(function);
  message += " would block the loop that runs this coroutine; use ";
  message += awaitable;
  throw std::logic_error(message);
}

}  // namespace okhttp::internal
