#pragma once

#include <okhttp/config.hpp>
#include <okhttp/tls_version.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

class Certificate;

namespace internal {
struct TlsSettings;
}

/// A certificate with its key, both in PEM.
template <class T>
concept HeldByCaller = requires(const T& held) {
  std::string_view(held.chain_pem());
  std::string_view(held.private_key_pem());
};

/// Whom a client trusts and how it proves who it is. An immutable value; copies share their content.
///
/// By default: the system's trust store, full verification, no client certificate. The system's store
/// is the hashed directory where there is one, since that loads on demand; SSL_CERT_FILE and SSL_CERT_DIR are obeyed.
/// SSLKEYLOGFILE names a file that receives the secrets of every connection, for Wireshark.
///
/// Keys and passwords are never printed. Two configurations are equal when all their content is: connections are shared
/// only between equal ones.
class OKHTTP_API HandshakeCertificates {
 public:
  class Builder;

  HandshakeCertificates();

  [[nodiscard]] Builder new_builder() const;

  [[nodiscard]] bool uses_system_trust() const noexcept;
  /// CA certificates to trust, in PEM; empty when there are none.
  [[nodiscard]] std::string_view trusted_certificates() const noexcept;
  /// The chain to show to servers that ask for one, in PEM; empty when there is none.
  [[nodiscard]] std::string_view client_certificate() const noexcept;
  [[nodiscard]] bool has_client_certificate() const noexcept { return !client_certificate().empty(); }
  /// Bounds for the versions of the client's ConnectionSpecs; those of TlsVersion by default, which bound nothing.
  [[nodiscard]] TlsVersion min_version() const noexcept;
  [[nodiscard]] TlsVersion max_version() const noexcept;
  /// Lower case, sorted.
  [[nodiscard]] const std::vector<std::string>& insecure_hosts() const noexcept;
  /// False for hosts whose certificate is not verified.
  [[nodiscard]] bool verifies_certificate_of(std::string_view host) const noexcept;
  /// False for hosts whose certificate may be for another host.
  [[nodiscard]] bool verifies_name_of(std::string_view host) const noexcept;

  [[nodiscard]] std::size_t hash() const noexcept;
  friend OKHTTP_API bool operator==(const HandshakeCertificates& a, const HandshakeCertificates& b) noexcept;

  /// What the library itself reads.
  [[nodiscard]] const internal::TlsSettings& settings() const noexcept { return *settings_; }

 private:
  friend class Builder;
  explicit HandshakeCertificates(std::shared_ptr<const internal::TlsSettings> settings) noexcept;

  std::shared_ptr<const internal::TlsSettings> settings_;
};

/// Files are read at once, so that the value holds what was compared. A file that cannot be read throws Error with
/// Errc::io; a text that is no PEM throws std::invalid_argument. What the PEM holds is only looked at by the first
/// connection that needs it, which then fails with Errc::tls_handshake and Blame::caller.
class OKHTTP_API HandshakeCertificates::Builder {
 public:
  Builder();
  explicit Builder(const HandshakeCertificates& from);
  Builder(Builder&& other) noexcept;
  Builder& operator=(Builder&& other) noexcept;
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;
  ~Builder();

  /// Whether the system's trust store counts besides the certificates added here.
  Builder& system_trust(bool trusted);
  /// Trusts these CA certificates, in PEM, too.
  Builder& trust_certificates(std::string_view pem);
  Builder& trust_file(const std::string& path);
  Builder& trust_certificate(const Certificate& certificate);
  /// Trusts a directory of CA certificates named by their hash, as `openssl rehash` makes it.
  Builder& trust_directory(std::string path);

  /// Shows this certificate, in PEM and followed by its intermediates, to servers that ask for one.
  Builder& client_certificate(std::string_view chain_pem, std::string_view key_pem, std::string_view password = {});
  /// The two may be one file.
  Builder& client_certificate_files(const std::string& chain_path, const std::string& key_path,
                                    std::string_view password = {});

  /// Shows a certificate that was made on the spot, as MockWebServer's HeldCertificate, with its intermediates.
  template <HeldByCaller Held>
  Builder& held_certificate(const Held& held) {
    return client_certificate(held.chain_pem(), held.private_key_pem());
  }
  /// Shows none.
  Builder& no_client_certificate();

  /// Narrows what the client's ConnectionSpecs offer, the proxy's TLS included.
  Builder& min_version(TlsVersion version);
  Builder& max_version(TlsVersion version);

  /// Does not verify the certificate of this host, nor its name. For tests.
  Builder& add_insecure_host(std::string_view host);
  /// Verifies no certificate at all, nor names: anybody on the path can read and change everything.
  Builder& insecure();
  /// Still asks that an unverified certificate be for the right host, after insecure() or add_insecure_host().
  Builder& verify_host_name(bool verified);

  /// Throws std::invalid_argument for settings that contradict each other.
  [[nodiscard]] HandshakeCertificates build() const;

 private:
  std::unique_ptr<internal::TlsSettings> settings_;
};

}  // namespace okhttp
