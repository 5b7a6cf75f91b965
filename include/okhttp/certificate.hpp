#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

namespace internal {
struct CertificateState;
}

/// An X.509 certificate. An immutable value; copies share their content.
class OKHTTP_API Certificate {
 public:
  /// Reads the DER form; nothing if it is no certificate or something follows it.
  [[nodiscard]] static std::optional<Certificate> from_der(std::span<const std::byte> der);
  /// Reads the first certificate of a PEM text.
  [[nodiscard]] static std::optional<Certificate> from_pem(std::string_view pem);

  /// The DER form; lives as long as this certificate or a copy.
  [[nodiscard]] std::span<const std::byte> der() const noexcept;
  [[nodiscard]] std::string pem() const;
  /// The distinguished name as RFC 2253 writes it: "CN=example.com,O=Example".
  [[nodiscard]] std::string subject() const;
  [[nodiscard]] std::string issuer() const;
  /// What it is good for: names as "example.com" and "*.example.com", addresses as "192.0.2.1".
  [[nodiscard]] std::vector<std::string> subject_alternative_names() const;
  /// In lower-case hexadecimal.
  [[nodiscard]] std::string serial_number() const;
  [[nodiscard]] std::chrono::system_clock::time_point not_before() const noexcept;
  [[nodiscard]] std::chrono::system_clock::time_point not_after() const noexcept;
  /// "sha256/" and the base64 of the SHA-256 of the public key (SubjectPublicKeyInfo), as certificate pins write it.
  [[nodiscard]] std::string pin() const;

  friend OKHTTP_API bool operator==(const Certificate& a, const Certificate& b) noexcept;

  /// For the library itself.
  explicit Certificate(std::shared_ptr<const internal::CertificateState> state) noexcept;
  [[nodiscard]] const internal::CertificateState& state() const noexcept { return *state_; }

 private:
  std::shared_ptr<const internal::CertificateState> state_;
};

}  // namespace okhttp
