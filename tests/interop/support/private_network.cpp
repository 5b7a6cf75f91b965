#include "interop/support/private_network.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace okhttp::interop {
namespace {

int checked(int result, const char* doing) {
  if (result < 0) throw std::system_error(errno, std::system_category(), doing);
  return result;
}

/// A socket for requests to interfaces.
class Control final {
 public:
  explicit Control(int family) : descriptor_(checked(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket")) {}
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
  ~Control() { ::close(descriptor_); }

  template <class Argument>
  void ask(unsigned long request, Argument& argument, const char* doing) const {
    checked(::ioctl(descriptor_, request, &argument), doing);
  }

 private:
  int descriptor_;
};

ifreq interface(const char* name) {
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  return request;
}

sockaddr in_v4(const char* text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, text, &address.sin_addr);
  sockaddr general{};
  static_assert(sizeof general == sizeof address);
  std::memcpy(&general, &address, sizeof address);
  return general;
}

void bring_up(const Control& control, const char* name) {
  ifreq request = interface(name);
  control.ask(SIOCGIFFLAGS, request, "flags of an interface");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  control.ask(SIOCSIFFLAGS, request, "bringing up an interface");
}

void give_addresses(const Control& v4, const Control& v6, const char* name) {
  ifreq request = interface(name);
  request.ifr_addr = in_v4("192.0.2.1");
  v4.ask(SIOCSIFADDR, request, "an IPv4 address");
  request.ifr_netmask = in_v4("255.255.255.0");
  v4.ask(SIOCSIFNETMASK, request, "a netmask");
  request = interface(name);
  v4.ask(SIOCGIFINDEX, request, "the index of an interface");
  in6_ifreq address{};
  ::inet_pton(AF_INET6, "2001:db8::1", &address.ifr6_addr);
  address.ifr6_prefixlen = 32;
  address.ifr6_ifindex = request.ifr_ifindex;
  v6.ask(SIOCSIFADDR, address, "an IPv6 address");
}

}  // namespace

PrivateNetwork::PrivateNetwork() {
  checked(::unshare(CLONE_NEWNET), "a network namespace");
  const Control v4(AF_INET);
  const Control v6(AF_INET6);
  bring_up(v4, "lo");
  hole_ = checked(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK), "/dev/net/tun");
  try {
    ifreq request = interface("hole");
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    checked(::ioctl(hole_, TUNSETIFF, &request), "a tunnel");
    bring_up(v4, "hole");
    give_addresses(v4, v6, "hole");
  } catch (...) {
    ::close(hole_);
    throw;
  }
}

PrivateNetwork::~PrivateNetwork() { ::close(hole_); }

}  // namespace okhttp::interop
