#include "call/settings_checks.hpp"

#include <cstddef>
#include <memory>
#include <stdexcept>

namespace okhttp::internal {

void check_unix_path(const std::string& path) {
  constexpr std::size_t kMaxPath = 107;  // unix(7): sun_path, with the NUL at its end
  if (path.size() > kMaxPath) throw std::invalid_argument("Client: the path of a Unix socket has at most 107 bytes");
  if (path.find('\0') != std::string::npos) {
    throw std::invalid_argument("Client: the path of a Unix socket holds a NUL");
  }
}

void check_unix_socket(const SocketSettings& sockets, const std::optional<Proxy>& proxy) {
  if (!sockets.unix_path.empty() && proxy.has_value() && !proxy->is_direct()) {
    throw std::invalid_argument("Client: a proxy is not reached through a Unix socket");
  }
}

std::shared_ptr<LazyTlsContext> proxy_context(const std::shared_ptr<LazyTlsContext>& tls) {
  if (!tls->config().has_client_certificate()) return tls;
  return std::make_shared<LazyTlsContext>(tls->config().new_builder().no_client_certificate().build());
}

}  // namespace okhttp::internal
