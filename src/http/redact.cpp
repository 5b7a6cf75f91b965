#include "http/redact.hpp"

#include <array>

#include "http/ascii.hpp"

namespace okhttp::internal {

bool is_sensitive_header(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 17> kSensitive = {
      "Authorization",  "Proxy-Authorization",  "Cookie",
      "Set-Cookie",     "Set-Cookie2",          "X-Api-Key",
      "Api-Key",        "X-Auth-Token",         "X-Auth-Key",
      "X-Access-Token", "X-Amz-Security-Token", "X-Csrf-Token",
      "X-Goog-Api-Key", "X-Vault-Token",        "Private-Token",
      "X-Xsrf-Token",   "Authentication-Info"};
  for (const std::string_view sensitive : kSensitive) {
    if (equals_ignore_case_inline(sensitive, name)) return true;
  }
  return false;
}

}  // namespace okhttp::internal
