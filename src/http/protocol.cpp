#include <okhttp/protocol.hpp>

namespace okhttp {

std::string_view to_string(Protocol protocol) noexcept {
  switch (protocol) {
    case Protocol::http_1_0:
      return "http/1.0";
    case Protocol::http_1_1:
      return "http/1.1";
    case Protocol::http_2:
      return "h2";
    case Protocol::h2_prior_knowledge:
      return "h2_prior_knowledge";
  }
  return "unknown";
}

std::optional<Protocol> protocol_from_string(std::string_view name) noexcept {
  if (name == "http/1.1") return Protocol::http_1_1;
  if (name == "h2") return Protocol::http_2;
  if (name == "http/1.0") return Protocol::http_1_0;
  if (name == "h2_prior_knowledge") return Protocol::h2_prior_knowledge;
  return std::nullopt;
}

}  // namespace okhttp
