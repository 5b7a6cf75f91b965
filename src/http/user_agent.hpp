#pragma once

#include <okhttp/version.hpp>

#include <string>

namespace okhttp::internal {

/// What this library calls itself.
inline const std::string& user_agent() {
  // Never destroyed: calls may run on while the process exits.
  static const std::string& text = *new std::string("okhttp-cpp/" + std::string(kVersion));
  return text;
}

}  // namespace okhttp::internal
