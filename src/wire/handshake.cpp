#include <okhttp/handshake.hpp>

#include <utility>

namespace okhttp {

Handshake::Handshake(TlsVersion version, std::string cipher_suite, std::vector<Certificate> peer_certificates,
                     std::vector<Certificate> local_certificates)
    : state_(std::make_shared<const State>(
          State{version, std::move(cipher_suite), std::move(peer_certificates), std::move(local_certificates)})) {}

bool operator==(const Handshake& a, const Handshake& b) noexcept {
  return a.state_ == b.state_ || *a.state_ == *b.state_;
}

}  // namespace okhttp
