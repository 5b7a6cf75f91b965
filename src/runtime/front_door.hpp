#pragma once

#include <string_view>

namespace okhttp::internal {

/// Called first by every function that blocks. On a loop's own thread, where it would wait for itself and stop every
/// other call, throws std::logic_error, which names the function and what to await instead:
///
///     refuse_to_block("ResponseBody::string()", "co_await body.async().string()");
void refuse_to_block(std::string_view function, std::string_view awaitable);

}  // namespace okhttp::internal
