#include "runtime/descriptor_socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include "runtime/socket_settings.hpp"

namespace okhttp::internal {
namespace {

std::error_code last_error() noexcept { return std::error_code(errno, std::system_category()); }

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;

  [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress to_system(const Endpoint& endpoint) noexcept {
  SocketAddress result;
  const auto& bytes = endpoint.address.bytes();
  if (endpoint.address.is_v6()) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(endpoint.port);
    address.sin6_scope_id = endpoint.address.scope_id();
    std::memcpy(&address.sin6_addr, bytes.data(), 16);
    std::memcpy(&result.storage, &address, sizeof address);
    result.size = sizeof address;
  } else {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    std::memcpy(&address.sin_addr, bytes.data(), 4);
    std::memcpy(&result.storage, &address, sizeof address);
    result.size = sizeof address;
  }
  return result;
}

/// The path has been found short enough when the client was built.
SocketAddress to_system(const std::string& unix_path) noexcept {
  SocketAddress result;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, unix_path.data(), std::min(unix_path.size(), sizeof address.sun_path - 1));
  std::memcpy(&result.storage, &address, sizeof address);
  result.size = sizeof address;
  return result;
}

Endpoint from_system(const SocketAddress& from) noexcept {
  if (from.storage.ss_family == AF_UNIX) return Endpoint();
  if (from.storage.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &from.storage, sizeof address);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &address.sin6_addr, 16);
    return Endpoint(IpAddress::v6(bytes, address.sin6_scope_id), ntohs(address.sin6_port));
  }
  sockaddr_in address{};
  std::memcpy(&address, &from.storage, sizeof address);
  std::array<std::uint8_t, 4> bytes{};
  std::memcpy(bytes.data(), &address.sin_addr, 4);
  return Endpoint(IpAddress::v4(bytes), ntohs(address.sin_port));
}

void set_option(int descriptor, int level, int name, int value) noexcept {
  ::setsockopt(descriptor, level, name, &value, sizeof value);
}

/// What the client wants of a socket before it is connected.
std::error_code prepare(int descriptor, const SocketSettings& settings) noexcept {
  const std::string& interface = settings.local_interface;
  if (!interface.empty() && ::setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                                         static_cast<socklen_t>(interface.size() + 1)) != 0) {
    return last_error();
  }
  if (settings.local_address.has_value() && settings.unix_path.empty()) {
    // The port is chosen by connect(2), so that one port serves for connections to several peers.
    set_option(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    SocketAddress local = to_system(Endpoint(*settings.local_address, 0));
    if (::bind(descriptor, local.get(), local.size) != 0) return last_error();
  }
  if (settings.configure == nullptr) return {};
  try {
    (*settings.configure)(descriptor);
  } catch (const std::system_error& error) {
    return error.code();
  } catch (...) {
    return std::make_error_code(std::errc::operation_not_permitted);
  }
  return {};
}

int open_stream(int family, std::error_code& error) noexcept {
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) error = last_error();
  return descriptor;
}

int family_of(const Endpoint& endpoint) noexcept { return endpoint.address.is_v6() ? AF_INET6 : AF_INET; }

/// A listening TCP socket; its descriptor is only waited for.
class TcpListener final : public Listener {
 public:
  explicit TcpListener(int descriptor) noexcept : socket_(descriptor) {}

  std::unique_ptr<Socket> try_accept(std::error_code& error) noexcept override {
    for (;;) {
      const int accepted = ::accept4(socket_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC);
      if (accepted >= 0) {
        set_option(accepted, IPPROTO_TCP, TCP_NODELAY, 1);
        return std::make_unique<DescriptorSocket>(accepted);
      }
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) {
        error = last_error();
      } else if (socket_.entry() != nullptr) {
        socket_.entry()->readable = false;  // emptied: the next wait is for the next edge
      }
      return nullptr;
    }
  }
  Socket& socket() noexcept override { return socket_; }
  Endpoint endpoint() const noexcept override { return socket_.local_endpoint(); }

 private:
  DescriptorSocket socket_;
};

}  // namespace

DescriptorSocket::~DescriptorSocket() {
  move_to(nullptr);
  ::close(descriptor_);
}

bool DescriptorSocket::may_read() const noexcept {
  return entry_ != nullptr ? entry_->readable : read_mode_ != ReadMode::wait;
}

void DescriptorSocket::note_read(std::size_t wanted, ssize_t got) noexcept {
  // epoll(7): in edge-triggered mode a short read of a stream means that it was read empty. An end that was announced
  // with the data raises no further edge, so such a socket stays readable.
  const bool emptied = got < 0 || static_cast<std::size_t>(got) < wanted;
  if (entry_ != nullptr) {
    if (emptied && got != 0 && !entry_->peer_done) entry_->readable = false;
  } else {
    // A blocking read too is one a turn: TLS reads again for the rest of a record, and a peer that drips would get the
    // whole patience each time.
    read_mode_ = ReadMode::wait;
  }
}

IoResult DescriptorSocket::try_read(Bytes into) noexcept {
  if (!may_read()) return IoResult(IoStatus::would_block_read, 0);
  const int flags = entry_ == nullptr && read_mode_ == ReadMode::block ? 0 : MSG_DONTWAIT;
  ssize_t got = 0;
  do {
    got = ::recv(descriptor_, into.data(), into.size(), flags);
  } while (got < 0 && errno == EINTR && flags == MSG_DONTWAIT);
  const int error = errno;
  note_read(into.size(), got);
  if (got > 0) return IoResult(IoStatus::ok, static_cast<std::size_t>(got));
  if (got == 0) return IoResult(IoStatus::end, 0);
  // A signal ended a blocking read: whoever waits looks at its deadline first, as the patience given begins anew.
  if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR) return IoResult(IoStatus::would_block_read, 0);
  return IoResult(IoStatus::failed, 0, std::error_code(error, std::system_category()));
}

IoResult DescriptorSocket::try_write(std::span<const ConstBytes> from) noexcept {
  iovec pieces[8];
  std::size_t count = 0;
  for (const ConstBytes& piece : from) {
    if (piece.empty() || count == std::size(pieces)) continue;
    pieces[count++] = iovec{const_cast<std::byte*>(piece.data()), piece.size()};
  }
  if (count == 0) return IoResult(IoStatus::ok, 0);
  ssize_t sent = 0;
  do {
    if (count == 1) {
      sent = ::send(descriptor_, pieces[0].iov_base, pieces[0].iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    } else {
      msghdr message{};
      message.msg_iov = pieces;
      message.msg_iovlen = count;
      sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return IoResult(IoStatus::ok, static_cast<std::size_t>(sent));
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    if (entry_ != nullptr) entry_->writable = false;
    return IoResult(IoStatus::would_block_write, 0);
  }
  return IoResult(IoStatus::failed, 0, last_error());
}

bool DescriptorSocket::is_quiet() noexcept {
  char unexpected = 0;
  const ssize_t got = ::recv(descriptor_, &unexpected, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

void DescriptorSocket::allow_one_read() noexcept {
  if (entry_ != nullptr) {
    entry_->readable = true;
  } else {
    read_mode_ = ReadMode::once;
  }
}

void DescriptorSocket::shut_down_write() noexcept { ::shutdown(descriptor_, SHUT_WR); }

std::error_code DescriptorSocket::connect_result() noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return last_error();
  if (error == 0 && connecting_) {
    connecting_ = false;
    ::fcntl(descriptor_, F_SETFL, ::fcntl(descriptor_, F_GETFL) & ~O_NONBLOCK);
  }
  return std::error_code(error, std::system_category());
}

Endpoint DescriptorSocket::local_endpoint() const noexcept {
  SocketAddress address;
  if (::getsockname(descriptor_, address.get(), &address.size) != 0) return Endpoint();
  return from_system(address);
}

Endpoint DescriptorSocket::peer_endpoint() const noexcept {
  SocketAddress address;
  if (::getpeername(descriptor_, address.get(), &address.size) != 0) return Endpoint();
  return from_system(address);
}

void DescriptorSocket::reset_on_close() noexcept {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool DescriptorSocket::move_to(std::shared_ptr<ReadinessSet> set) noexcept {
  if (set == set_) return true;
  if (entry_ != nullptr) set_->remove(*std::exchange(entry_, nullptr), descriptor_);
  set_ = nullptr;
  read_mode_ = ReadMode::wait;
  if (set == nullptr) return true;
  entry_ = set->add(descriptor_);
  if (entry_ == nullptr) return false;
  set_ = std::move(set);
  return true;
}

void DescriptorSocket::begin_blocking(Duration patience) noexcept {
  using std::chrono::microseconds;
  read_mode_ = ReadMode::block;
  // A timeout already set that ends within a millisecond after the deadline serves as well; the deadline itself is
  // compared by the caller.
  const bool serves =
      patience > Duration::zero() && patience <= patience_ && patience_ - patience < std::chrono::milliseconds(1);
  if (patience == patience_ || serves) return;
  patience_ = patience;
  const auto whole =
      std::max<microseconds::rep>(std::chrono::ceil<microseconds>(patience).count(), patience.count() > 0);
  timeval value{};
  value.tv_sec = static_cast<time_t>(whole / 1'000'000);
  value.tv_usec = static_cast<suseconds_t>(whole % 1'000'000);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
}

std::unique_ptr<DescriptorSocket> begin_tcp_connect(const ConnectRequest& request, std::error_code& error) noexcept {
  const bool is_unix = request.settings != nullptr && !request.settings->unix_path.empty();
  const int descriptor = open_stream(is_unix ? AF_UNIX : family_of(request.peer), error);
  if (descriptor < 0) return nullptr;
  auto socket = std::make_unique<DescriptorSocket>(descriptor, true);
  if (!is_unix) set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  if (request.settings != nullptr) {
    error = prepare(descriptor, *request.settings);
    if (error) return nullptr;
  }
  SocketAddress address = is_unix ? to_system(request.settings->unix_path) : to_system(request.peer);
  if (::connect(descriptor, address.get(), address.size) != 0 && errno != EINPROGRESS && errno != EINTR) {
    error = last_error();
    return nullptr;
  }
  return socket;
}

std::unique_ptr<Listener> listen_tcp(const ListenRequest& request, std::error_code& error) noexcept {
  const int descriptor = open_stream(family_of(request.endpoint), error);
  if (descriptor < 0) return nullptr;
  auto listener = std::make_unique<TcpListener>(descriptor);
  set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
  if (request.endpoint.address.is_v6()) set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  SocketAddress address = to_system(request.endpoint);
  if (::bind(descriptor, address.get(), address.size) != 0 || ::listen(descriptor, request.backlog) != 0) {
    error = last_error();
    return nullptr;
  }
  return listener;
}

}  // namespace okhttp::internal
