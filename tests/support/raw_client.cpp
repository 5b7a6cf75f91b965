#include "support/raw_client.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace okhttp::testing {
namespace {

[[noreturn]] void throw_last(const char* what) { throw std::system_error(errno, std::system_category(), what); }

int connect_to(std::uint16_t port, const IpAddress& address) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  std::memcpy(&v4.sin_addr, address.bytes().data(), 4);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, address.bytes().data(), 16);
  const int descriptor = ::socket(address.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw_last("socket");
  const auto* const where =
      address.is_v6() ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  if (::connect(descriptor, where, address.is_v6() ? sizeof v6 : sizeof v4) != 0) {
    const int error = errno;
    ::close(descriptor);
    throw std::system_error(error, std::system_category(), "connect");
  }
  return descriptor;
}

}  // namespace

RawClient::RawClient(std::uint16_t port, const IpAddress& address) : descriptor_(connect_to(port, address)) {
  timeval patience{};
  patience.tv_sec = 20;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

RawClient::~RawClient() { ::close(descriptor_); }

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) throw_last("send");
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawClient::shut_down_write() { ::shutdown(descriptor_, SHUT_WR); }

bool RawClient::receive() {
  if (end_ != End::open) return false;
  std::array<char, 16384> chunk{};
  ssize_t got = 0;
  do {
    got = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    buffer_.append(chunk.data(), static_cast<std::size_t>(got));
    return true;
  }
  if (got == 0) {
    end_ = End::closed;
  } else if (errno == ECONNRESET) {
    end_ = End::reset;
  } else {
    throw_last("recv");
  }
  return false;
}

std::string RawClient::read_until(std::string_view delimiter) {
  std::size_t found = std::string::npos;
  while ((found = buffer_.find(delimiter)) == std::string::npos) {
    if (!receive()) return std::exchange(buffer_, {});
  }
  return read_exactly(found + delimiter.size());
}

std::string RawClient::read_exactly(std::size_t count) {
  while (buffer_.size() < count && receive()) {
  }
  std::string result = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return result;
}

std::string RawClient::read_to_end() {
  while (receive()) {
  }
  return std::exchange(buffer_, {});
}

}  // namespace okhttp::testing
