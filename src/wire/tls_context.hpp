#pragma once

#include <okhttp/connection_spec.hpp>
#include <okhttp/protocol.hpp>
#include <okhttp/tls.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace okhttp::internal {

/// What a server shows and asks for.
struct TlsServerConfig {
  enum class ClientCertificate : std::uint8_t { ignored, wanted, required };

  std::string certificate_chain;  // PEM, its own certificate first
  std::string private_key;        // PEM
  std::string trusted_clients;    // CA certificates in PEM, for client certificates
  ClientCertificate client_certificate = ClientCertificate::ignored;
  std::vector<Protocol> protocols;  // by preference; empty: no ALPN
  TlsVersion min_version = TlsVersion::tls_1_2;
  TlsVersion max_version = TlsVersion::tls_1_3;
  unsigned session_tickets = 2;
};

/// What the connections of one client, or of one server, share: trust, certificate, versions, cipher suites.
///
/// Threads: all of it from any thread once it is made.
class TlsContext {
 public:
  /// They throw Error with Blame::caller when the certificates or keys that were given are of no use.
  [[nodiscard]] static std::shared_ptr<const TlsContext> for_client(
      const TlsConfig& config, const ConnectionSpec& spec = ConnectionSpec::modern_tls());
  [[nodiscard]] static std::shared_ptr<const TlsContext> for_server(const TlsServerConfig& config);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  [[nodiscard]] ssl_ctx_st* native() const noexcept { return context_; }
  [[nodiscard]] bool is_server() const noexcept { return is_server_; }
  /// A client's configuration.
  [[nodiscard]] const TlsConfig& config() const noexcept { return config_; }
  /// A client's versions and suites, which the configuration may narrow.
  [[nodiscard]] const ConnectionSpec& spec() const noexcept { return spec_; }

 private:
  explicit TlsContext(bool is_server) noexcept;
  void set_up(const ConnectionSpec& spec);
  void set_up_client();
  void set_up_server(const TlsServerConfig& config);
  void open_key_log();
  static void log_key(const ssl_st* ssl, const char* line);

  bool is_server_;
  ssl_ctx_st* context_ = nullptr;
  TlsConfig config_;
  ConnectionSpec spec_ = ConnectionSpec::modern_tls();
  std::string alpn_;  // a server's protocols, as on the wire
  int key_log_ = -1;
};

/// The contexts of a client, one a spec, made when an https connection first asks for it: a program that stays in clear
/// text never pays for OpenSSL's start.
class LazyTlsContext {
 public:
  explicit LazyTlsContext(TlsConfig config) noexcept : config_(std::move(config)) {}

  [[nodiscard]] const TlsConfig& config() const noexcept { return config_; }
  /// The one context of that spec. A failure throws Error and is tried again the next time. From any thread.
  [[nodiscard]] std::shared_ptr<const TlsContext> get(const ConnectionSpec& spec = ConnectionSpec::modern_tls());

 private:
  const TlsConfig config_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<const TlsContext>> contexts_;
};

/// The protocols as ALPN carries them (RFC 7301 §3.1); those that have no name there are left out.
[[nodiscard]] std::string alpn_wire_form(std::span<const Protocol> protocols);

}  // namespace okhttp::internal
