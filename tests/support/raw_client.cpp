#include "support/raw_client.hpp"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
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

[[noreturn]] void throw_tls(const std::string& what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  throw std::runtime_error(what + ": " + text.data());
}

template <class T, void (*destroy)(T*)>
struct Destroy {
  void operator()(T* object) const { destroy(object); }
};
template <class T, void (*destroy)(T*)>
using Owned = std::unique_ptr<T, Destroy<T, destroy>>;

void free_bio(BIO* bio) { BIO_free(bio); }
Owned<BIO, free_bio> bio_of(const std::string& pem) {
  return Owned<BIO, free_bio>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

}  // namespace

struct RawClient::Tls {
  Owned<SSL_CTX, SSL_CTX_free> context;
  Owned<SSL, SSL_free> ssl;
};

RawClient::RawClient(std::uint16_t port, const IpAddress& address) : descriptor_(connect_to(port, address)) {
  timeval patience{};
  patience.tv_sec = 20;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

RawClient::~RawClient() { ::close(descriptor_); }

void RawClient::start_tls(const RawTls& tls) {
  tls_ = std::make_unique<Tls>();
  tls_->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = tls_->context.get();
  if (!tls.trusted.empty()) {
    const auto bio = bio_of(tls.trusted);
    const Owned<X509, X509_free> root(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root.get());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  if (!tls.certificate.empty()) {
    const auto certificate_bio = bio_of(tls.certificate);
    const auto key_bio = bio_of(tls.private_key);
    const Owned<X509, X509_free> certificate(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
    const Owned<EVP_PKEY, EVP_PKEY_free> key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
    SSL_CTX_use_certificate(context, certificate.get());
    SSL_CTX_use_PrivateKey(context, key.get());
  }
  tls_->ssl.reset(SSL_new(context));
  SSL* const ssl = tls_->ssl.get();
  SSL_set_fd(ssl, descriptor_);
  SSL_set_tlsext_host_name(ssl, tls.server_name.c_str());
  SSL_set1_host(ssl, tls.server_name.c_str());
  if (!tls.alpn.empty()) {
    const std::string wire = static_cast<char>(tls.alpn.size()) + tls.alpn;
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(wire.data()), static_cast<unsigned>(wire.size()));
  }
  if (SSL_connect(ssl) != 1) throw_tls("handshake");
}

std::string RawClient::tls_version() const { return SSL_get_version(tls_->ssl.get()); }

std::string RawClient::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls_->ssl.get(), &name, &size);
  return std::string(reinterpret_cast<const char*>(name), size);
}

void RawClient::send(std::string_view bytes) {
  if (tls_ != nullptr) {
    if (SSL_write(tls_->ssl.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) throw_tls("send");
    return;
  }
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
  if (tls_ != nullptr) {
    SSL* const ssl = tls_->ssl.get();
    ERR_clear_error();
    const int got = SSL_read(ssl, chunk.data(), static_cast<int>(chunk.size()));
    if (got > 0) {
      buffer_.append(chunk.data(), static_cast<std::size_t>(got));
      return true;
    }
    const int error = SSL_get_error(ssl, got);
    if (error == SSL_ERROR_SYSCALL && errno == EAGAIN) throw_last("SSL_read");
    const bool is_reset = error == SSL_ERROR_SYSCALL && errno == ECONNRESET;
    end_ = error == SSL_ERROR_ZERO_RETURN ? End::closed : is_reset ? End::reset : End::cut;
    return false;
  }
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

std::string RawClient::read_some(std::size_t most) {
  if (buffer_.empty() && !receive()) return {};
  return read_exactly(std::min(most, buffer_.size()));
}

std::string RawClient::read_to_end() {
  while (receive()) {
  }
  return std::exchange(buffer_, {});
}

}  // namespace okhttp::testing
