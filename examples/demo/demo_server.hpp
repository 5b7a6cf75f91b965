#pragma once

#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/tls.hpp>

#include <cstddef>
#include <string_view>

namespace demo {

/// The server of the demo: HTTPS on loopback, with a certificate made on the spot.
class DemoServer {
 public:
  DemoServer();

  [[nodiscard]] okhttp::Url url(std::string_view path) { return server_.url(path); }
  /// What a client needs to trust this server and no other.
  [[nodiscard]] okhttp::TlsConfig client_tls() const;
  [[nodiscard]] std::size_t connection_count() const { return server_.connection_count(); }
  [[nodiscard]] std::size_t request_count() const { return server_.request_count(); }

 private:
  okhttp::HeldCertificate certificate_;
  okhttp::MockWebServer server_;
};

}  // namespace demo
