#include "http/public_suffix.hpp"

#include <libpsl.h>

#include <cstddef>

namespace okhttp::internal {

namespace {

/// The name as libpsl wants it: "example.com." is the same domain as "example.com" and must get the same answer. Empty
/// for names longer than DNS allows, since libpsl takes quadratic time.
std::string lookup_name(std::string_view host) {
  constexpr std::size_t kMaxDomainSize = 253;
  if (host.ends_with('.')) host.remove_suffix(1);
  return host.size() <= kMaxDomainSize ? std::string(host) : std::string();
}

}  // namespace

bool is_public_suffix(std::string_view host) {
  const std::string name = lookup_name(host);
  return !name.empty() && psl_is_public_suffix(psl_builtin(), name.c_str()) != 0;
}

std::optional<std::string> registrable_domain(std::string_view host) {
  const std::string name = lookup_name(host);
  if (name.empty()) return std::nullopt;
  const char* found = psl_registrable_domain(psl_builtin(), name.c_str());
  if (found == nullptr) return std::nullopt;
  return std::string(found);
}

}  // namespace okhttp::internal
