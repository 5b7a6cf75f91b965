#pragma once

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
  [[nodiscard]] static std::shared_ptr<const TlsContext> for_client(const TlsConfig& config);
  [[nodiscard]] static std::shared_ptr<const TlsContext> for_server(const TlsServerConfig& config);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  [[nodiscard]] ssl_ctx_st* native() const noexcept { return context_; }
  [[nodiscard]] bool is_server() const noexcept { return is_server_; }
  /// A client's configuration.
  [[nodiscard]] const TlsConfig& config() const noexcept { return config_; }

 private:
  explicit TlsContext(bool is_server) noexcept;
  void set_up();
  void set_up_client();
  void set_up_server(const TlsServerConfig& config);
  void open_key_log();
  static void log_key(const ssl_st* ssl, const char* line);

  bool is_server_;
  ssl_ctx_st* context_ = nullptr;
  TlsConfig config_;
  std::string alpn_;  // a server's protocols, as on the wire
  int key_log_ = -1;
};

/// The context of a client, made when its first https connection asks for it: a program that stays in clear text never
/// pays for OpenSSL's start.
class LazyTlsContext {
 public:
  explicit LazyTlsContext(TlsConfig config) noexcept : config_(std::move(config)) {}

  [[nodiscard]] const TlsConfig& config() const noexcept { return config_; }
  /// The one context. A failure throws Error and is tried again the next time. From any thread.
  [[nodiscard]] std::shared_ptr<const TlsContext> get();

 private:
  const TlsConfig config_;
  std::mutex mutex_;
  std::shared_ptr<const TlsContext> context_;
};

/// The protocols as ALPN carries them (RFC 7301 §3.1); those that have no name there are left out.
[[nodiscard]] std::string alpn_wire_form(std::span<const Protocol> protocols);

}  // namespace okhttp::internal
