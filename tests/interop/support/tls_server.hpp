#pragma once

#include <okhttp/mockwebserver/held_certificate.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "interop/support/proxy_server.hpp"

namespace okhttp::interop {

/// `openssl s_server`, which answers every GET with a page about the connection.
class OpensslServer final : public ProxyServer {
 public:
  /// `options` are added to its command line. Of clients' certificates it trusts those that `clients` signed.
  OpensslServer(const HeldCertificate& certificate, const HeldCertificate& clients,
                const std::vector<std::string>& options);
  [[nodiscard]] std::string url() const { return "https://localhost:" + std::to_string(port_) + "/"; }

 private:
  const std::uint16_t port_;
};

/// nginx with one site over TLS, HTTP/2 included.
class NginxTlsServer final : public ProxyServer {
 public:
  /// `directives` are added to its server. Of clients' certificates it trusts those that `clients` signed.
  NginxTlsServer(const HeldCertificate& certificate, const HeldCertificate& clients, const std::string& directives);
  [[nodiscard]] std::string url() const { return "https://localhost:" + std::to_string(port_) + "/1k"; }

 private:
  const std::uint16_t port_;
};

}  // namespace okhttp::interop
