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
#include <string>
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

/// The reasons of getaddrinfo.
class ResolverCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "getaddrinfo"; }
  [[nodiscard]] std::string message(int reason) const override { return ::gai_strerror(reason); }
};

std::error_code system_error_of(int failure) {
  if (failure == EAI_SYSTEM) return {errno, std::system_category()};
  // Never destroyed: errors may be compared while static objects are being torn down.
  static const ResolverCategory& category = *new ResolverCategory;
  return {failure, category};
}

/// Says that the name is at fault and not the resolver: such an answer may be remembered (DnsCache).
bool is_definite(int failure) {
#ifdef EAI_NODATA
  if (failure == EAI_NODATA) return true;
#endif
  return failure == EAI_NONAME;
}

class SystemDns final : public Dns {
 public:
  std::vector<IpAddress> lookup(const std::string& host) override {
    if (const std::optional<IpAddress> literal = IpAddress::parse(host)) return {*literal};
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (failure != 0) {
      const std::error_code reason = system_error_of(failure);
      const std::string what = "cannot resolve " + host;
      if (!is_definite(failure)) throw Error(Errc::unknown_host, Blame::network, what, reason);
      throw Error(Errc::unknown_host, Blame::network, what + ": " + reason.message());
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

DnsAnswer Dns::lookup_answer(const std::string& host) { return DnsAnswer(lookup(host)); }

std::optional<std::vector<IpAddress>> Dns::at_hand(const std::string& /*host*/, std::uint16_t /*port*/) {
  return std::nullopt;
}

std::shared_ptr<Dns> Dns::system() {
  static const std::shared_ptr<Dns> resolver = std::make_shared<SystemDns>();
  return resolver;
}

}  // namespace okhttp
