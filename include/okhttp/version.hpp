#pragma once

#include <string_view>

namespace okhttp {

/// The version of the library, "major.minor.patch" (semver.org). CMake reads it from here.
inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace okhttp
