#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <okhttp/dns.hpp>
#include <okhttp/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace okhttp {
namespace {

IpAddress address_of(const addrinfo& info) {
  if (info.ai_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, info.ai_addr, sizeof address);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
    return IpAddress::v6(bytes, address.sin6_scope_id);
  }
  sockaddr_in address{};
  std::memcpy(&address, info.ai_addr, sizeof address);
  std::array<std::uint8_t, 4> bytes{};
  std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
  return IpAddress::v4(bytes);
}

class SystemDns final : public Dns {
 public:
  std::vector<IpAddress> lookup(const std::string& host) override {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (failure != 0) {
      const std::string reason =
          failure == EAI_SYSTEM ? std::system_category().message(errno) : ::gai_strerror(failure);
      throw Error(Errc::unknown_host, Blame::network, "cannot resolve " + host + ": " + reason);
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
    std::vector<IpAddress> addresses;
    for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
      if (info->ai_family != AF_INET && info->ai_family != AF_INET6) continue;
      const IpAddress address = address_of(*info);
      if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
    }
    if (addresses.empty()) throw Error(Errc::unknown_host, Blame::network, "cannot resolve " + host + ": no address");
    return addresses;
  }
};

}  // namespace

std::shared_ptr<Dns> Dns::system() {
  static const std::shared_ptr<Dns> resolver = std::make_shared<SystemDns>();
  return resolver;
}

}  // namespace okhttp
