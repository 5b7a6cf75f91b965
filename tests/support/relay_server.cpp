#include "support/relay_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace okhttp::testing {
namespace {

using namespace std::string_literals;

[[noreturn]] void throw_last(const char* what) { throw std::system_error(errno, std::system_category(), what); }

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// The connected descriptor, or -1.
int connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

bool send_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::uint8_t byte(char c) { return static_cast<std::uint8_t>(c); }

std::uint16_t port_of(std::string_view two) { return static_cast<std::uint16_t>(byte(two[0]) << 8U | byte(two[1])); }

std::string digits(int family, const std::string& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, bytes.data(), text.data(), text.size());
  return text.data();
}

}  // namespace

class RelayServer::Client {
 public:
  explicit Client(int descriptor) noexcept : descriptor_(descriptor) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    if (ssl_ != nullptr) SSL_free(ssl_);
  }

  /// Shakes hands as a server; false when that fails.
  bool start_tls(SSL_CTX* context) {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, descriptor_);
    return SSL_accept(ssl_) == 1;
  }
  [[nodiscard]] SSL* ssl() const noexcept { return ssl_; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] bool has_buffered() const noexcept { return ssl_ != nullptr && SSL_pending(ssl_) > 0; }

  /// At least one byte; nothing when the client has closed.
  std::string read_some(std::size_t most) {
    std::string bytes(most, '\0');
    const auto got = ssl_ != nullptr ? SSL_read(ssl_, bytes.data(), static_cast<int>(most))
                                     : ::recv(descriptor_, bytes.data(), most, 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  /// Exactly that many. Throws when the client closes before.
  std::string read(std::size_t count) {
    std::string bytes;
    while (bytes.size() < count) {
      const std::string more = read_some(count - bytes.size());
      if (more.empty()) throw std::runtime_error("the client went away");
      bytes += more;
    }
    return bytes;
  }
  std::string read_to_nul() {
    std::string bytes;
    for (;;) {
      const std::string next = read(1);
      if (next[0] == '\0') return bytes;
      bytes += next;
    }
  }
  bool write(std::string_view bytes) {
    if (ssl_ == nullptr) return send_all(descriptor_, bytes);
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
  }
  void shut_down_write() {
    if (ssl_ != nullptr) SSL_shutdown(ssl_);
    ::shutdown(descriptor_, SHUT_WR);
  }

 private:
  const int descriptor_;
  SSL* ssl_ = nullptr;
};

RelayServer::RelayServer() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw_last("listen");
  }
  port_ = ntohs(address.sin_port);
}

RelayServer::~RelayServer() { ::close(listener_); }

void RelayServer::start() {
  acceptor_ = std::thread([this] { accept_all(); });
}

void RelayServer::stop() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    for (const int descriptor : open_) ::shutdown(descriptor, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

void RelayServer::accept_all() {
  for (;;) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    ++accepted_;
    const std::lock_guard lock(mutex_);
    open_.push_back(descriptor);
    threads_.emplace_back([this, descriptor] { serve(descriptor); });
  }
}

void RelayServer::serve(int descriptor) {
  // OpenSSL writes without MSG_NOSIGNAL.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  int server = -1;
  {
    Client client(descriptor);
    try {
      const std::optional<std::uint16_t> port = greet(client);
      if (port.has_value()) server = connect_to(*port);
      if (server >= 0) {
        bool goes_on = false;
        {
          const std::lock_guard lock(mutex_);
          open_.push_back(server);
          goes_on = !is_stopping_;
        }
        if (goes_on) relay(client, server);
      }
    } catch (const std::exception&) {
      // The client went away while it was greeted.
    }
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(open_, [&](int each) { return each == descriptor || each == server; });
  ::close(descriptor);
  if (server >= 0) ::close(server);
}

void RelayServer::relay(Client& client, int server) {
  constexpr std::size_t kMost = 16384;
  pollfd both[2] = {{client.descriptor(), POLLIN, 0}, {server, POLLIN, 0}};
  while (both[0].fd >= 0 || both[1].fd >= 0) {
    if (!client.has_buffered() && ::poll(both, 2, -1) < 0) return;
    if (both[0].fd >= 0 && (client.has_buffered() || both[0].revents != 0)) {
      const std::string bytes = client.read_some(kMost);
      if (bytes.empty()) {
        both[0].fd = -1;
        ::shutdown(server, SHUT_WR);
      } else if (!send_all(server, bytes)) {
        return;
      }
    }
    if (both[1].fd >= 0 && both[1].revents != 0) {
      std::string bytes(kMost, '\0');
      const ssize_t got = ::recv(server, bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) continue;
      if (got <= 0) {
        both[1].fd = -1;
        client.shut_down_write();
      } else if (!client.write(std::string_view(bytes).substr(0, static_cast<std::size_t>(got)))) {
        return;
      }
    }
  }
}

struct TlsFront::Context {
  SSL_CTX* native = SSL_CTX_new(TLS_server_method());
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { SSL_CTX_free(native); }
};

TlsFront::TlsFront(const HeldCertificate& certificate, std::uint16_t target)
    : context_(std::make_unique<Context>()), target_(target) {
  const std::string pem = certificate.chain_pem();
  const std::string key_pem = certificate.private_key_pem();
  BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  BIO* const key_bio = BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size()));
  X509* const own = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context_->native, own);
  SSL_CTX_use_PrivateKey(context_->native, key);
  // Asks for a certificate and takes any.
  SSL_CTX_set_verify(context_->native, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  // Who asks for certificates has to say what a session belongs to, or OpenSSL resumes none and fails.
  constexpr unsigned char kSessions[] = "front";
  SSL_CTX_set_session_id_context(context_->native, kSessions, sizeof kSessions - 1);
  EVP_PKEY_free(key);
  X509_free(own);
  BIO_free(key_bio);
  BIO_free(bio);
  start();
}

TlsFront::~TlsFront() { stop(); }

std::string TlsFront::server_name() {
  const std::lock_guard lock(name_mutex_);
  return server_name_;
}

std::optional<std::uint16_t> TlsFront::greet(Client& client) {
  if (!client.start_tls(context_->native)) return std::nullopt;
  if (X509* const shown = SSL_get1_peer_certificate(client.ssl()); shown != nullptr) {
    ++certificates_;
    X509_free(shown);
  }
  const char* const name = SSL_get_servername(client.ssl(), TLSEXT_NAMETYPE_host_name);
  const std::lock_guard lock(name_mutex_);
  server_name_ = name != nullptr ? name : "";
  return target_;
}

SocksServer::SocksServer(std::string user, std::string password)
    : user_(std::move(user)), password_(std::move(password)) {
  start();
}

SocksServer::~SocksServer() { stop(); }

std::vector<SocksServer::Request> SocksServer::requests() {
  const std::lock_guard lock(requests_mutex_);
  return requests_;
}

void SocksServer::record(Request request) {
  const std::lock_guard lock(requests_mutex_);
  requests_.push_back(std::move(request));
}

std::optional<std::uint16_t> SocksServer::greet(Client& client) {
  const std::string version = client.read(1);
  return version == "\4" ? greet4(client) : greet5(client);
}

std::optional<std::uint16_t> SocksServer::greet4(Client& client) {
  Request request;
  request.version = 4;
  const std::string head = client.read(7);
  request.port = port_of(head.substr(1, 2));
  const std::string address = head.substr(3, 4);
  request.user = client.read_to_nul();
  request.is_name = address.substr(0, 3) == "\0\0\0"s && address[3] != '\0';
  request.host = request.is_name ? client.read_to_nul() : digits(AF_INET, address);
  record(request);
  const bool refuses = refusal_ != 0 || (!user_.empty() && request.user != user_);
  client.write((refuses ? "\0\x5b"s : "\0\x5a"s) + "\0\0\0\0\0\0"s);
  if (refuses) return std::nullopt;
  return request.port;
}

bool SocksServer::authenticate(Client& client, Request& request) {
  const std::string methods = client.read(byte(client.read(1)[0]));
  const char wanted = user_.empty() ? '\0' : '\2';
  if (methods.find(wanted) == std::string::npos) {
    client.write("\5\xff"s);
    return false;
  }
  client.write("\5"s + wanted);
  if (user_.empty()) return true;
  client.read(1);
  request.user = client.read(byte(client.read(1)[0]));
  request.password = client.read(byte(client.read(1)[0]));
  const bool is_known = request.user == user_ && request.password == password_;
  client.write("\1"s + (is_known ? '\0' : '\1'));
  return is_known;
}

std::optional<std::uint16_t> SocksServer::greet5(Client& client) {
  Request request;
  request.version = 5;
  if (!authenticate(client, request)) {
    record(request);
    return std::nullopt;
  }
  const std::string head = client.read(4);
  request.is_name = head[3] == '\3';
  if (request.is_name) {
    request.host = client.read(byte(client.read(1)[0]));
  } else {
    const bool is_v6 = head[3] == '\4';
    request.host = digits(is_v6 ? AF_INET6 : AF_INET, client.read(is_v6 ? 16 : 4));
  }
  request.port = port_of(client.read(2));
  record(request);
  client.write("\5"s + static_cast<char>(refusal_.load()) + "\0\1\x7f\0\0\1\0\0"s);
  if (refusal_ != 0) return std::nullopt;
  return request.port;
}

}  // namespace okhttp::testing
