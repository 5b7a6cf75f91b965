#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <cstdint>
#include <stdexcept>
#include <utility>

#include "mock_server_core.hpp"

namespace okhttp {
namespace {

/// RFC 9113 §6.5.2, §6.9.1: what a peer would have to treat as an error.
void check(const Http2Settings& settings) {
  constexpr std::uint32_t kLargestWindow = 0x7fffffff;
  constexpr std::uint32_t kSmallestFrame = 16'384;
  constexpr std::uint32_t kLargestFrame = 16'777'215;
  if (settings.initial_window_size.value_or(0) > kLargestWindow ||
      settings.connection_window_size.value_or(0) > kLargestWindow) {
    throw std::invalid_argument("a window has at most 2^31 - 1 bytes");
  }
  const std::uint32_t frame = settings.max_frame_size.value_or(kSmallestFrame);
  if (frame < kSmallestFrame || frame > kLargestFrame) {
    throw std::invalid_argument("a frame size limit lies between 2^14 and 2^24 - 1");
  }
}

}  // namespace

MockWebServer::MockWebServer() : core_(std::make_shared<internal::MockServerCore>()) {}

MockWebServer::~MockWebServer() { core_->close(); }

void MockWebServer::enqueue(MockResponse response) { core_->enqueue(std::move(response)); }

void MockWebServer::set_dispatcher(std::function<MockResponse(const RecordedRequest&)> dispatch,
                                   std::function<MockResponse()> peek) {
  core_->set_dispatcher(std::move(dispatch), std::move(peek));
}

void MockWebServer::set_body_limit(std::uint64_t bytes) { core_->set_body_limit(bytes); }

void MockWebServer::use_https(const HeldCertificate& certificate) {
  core_->configure_tls([&](internal::TlsServerConfig& config) {
    config.certificate_chain = certificate.chain_pem();
    config.private_key = certificate.private_key_pem();
  });
}

void MockWebServer::request_client_certificate(const HeldCertificate& root) {
  core_->configure_tls([&](internal::TlsServerConfig& config) {
    config.trusted_clients = root.certificate_pem();
    config.client_certificate = internal::TlsServerConfig::ClientCertificate::wanted;
  });
}

void MockWebServer::require_client_certificate(const HeldCertificate& root) {
  core_->configure_tls([&](internal::TlsServerConfig& config) {
    config.trusted_clients = root.certificate_pem();
    config.client_certificate = internal::TlsServerConfig::ClientCertificate::required;
  });
}

void MockWebServer::set_protocols(std::vector<Protocol> protocols) { core_->set_protocols(std::move(protocols)); }

void MockWebServer::set_tls_versions(TlsVersion min, TlsVersion max) {
  core_->configure_tls([&](internal::TlsServerConfig& config) {
    config.min_version = min;
    config.max_version = max;
  });
}

void MockWebServer::set_http2_settings(const Http2Settings& settings) {
  check(settings);
  core_->configure_http2([&](internal::MockHttp2Options& options) { options.settings = settings; }, true);
}

void MockWebServer::hold_http2_windows(bool hold) {
  core_->configure_http2([hold](internal::MockHttp2Options& options) { options.holds_windows = hold; }, false);
}

void MockWebServer::ignore_http2_pings(bool ignore) {
  core_->configure_http2([ignore](internal::MockHttp2Options& options) { options.ignores_pings = ignore; }, false);
}

void MockWebServer::start() { core_->start({IpAddress::loopback_v4(), IpAddress::loopback_v6()}, 0); }

void MockWebServer::start(const IpAddress& address, std::uint16_t port) { core_->start({address}, port); }

void MockWebServer::close() { core_->close(); }

void MockWebServer::restart() { core_->restart(); }

void MockWebServer::close_idle_connections() { core_->close_idle_connections(); }

std::uint16_t MockWebServer::port() {
  core_->start_if_new();
  return core_->endpoint().port;
}

std::string MockWebServer::host_name() {
  core_->start_if_new();
  const IpAddress address = core_->endpoint().address;
  if (address.is_loopback()) return "localhost";
  return address.to_string();
}

Url MockWebServer::url(std::string_view path) {
  const std::uint16_t at = port();
  Url::Builder builder;
  builder.scheme(core_->has_tls() ? "https" : "http").host(host_name()).port(at);
  const Url base = builder.build();
  std::optional<Url> resolved = base.resolve(path);
  if (!resolved.has_value()) throw std::invalid_argument("not a path that makes a URL");
  return std::move(*resolved);
}

std::optional<RecordedRequest> MockWebServer::take_request(std::chrono::milliseconds timeout) {
  return core_->log().take(timeout);
}

std::size_t MockWebServer::request_count() const { return core_->log().count(); }

std::optional<RecordedFrame> MockWebServer::take_frame(RecordedFrame::Type type, std::chrono::milliseconds timeout) {
  return core_->frames().take(type, timeout);
}

std::vector<RecordedFrame> MockWebServer::frames(std::size_t connection_index) const {
  return core_->frames().of_connection(connection_index);
}

std::size_t MockWebServer::connection_count() const { return core_->connection_count(); }

std::size_t MockWebServer::open_connection_count() const { return core_->open_connection_count(); }

std::size_t MockWebServer::queued_response_count() const { return core_->queued_response_count(); }

}  // namespace okhttp
