#pragma once

#include <okhttp/response.hpp>

#include <chrono>
#include <optional>

namespace okhttp::internal {

/// What the Retry-After of a response asks to wait; never below 0. Nothing when there is none, or none that can be
/// read.
///
/// A date is counted from the response's own Date, so that it does not matter how the two clocks differ.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(const Response& response);

}  // namespace okhttp::internal
