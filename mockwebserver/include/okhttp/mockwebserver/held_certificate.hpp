#pragma once

#include <okhttp/certificate.hpp>
#include <okhttp/config.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

namespace internal {
struct HeldCertificateState;
}

/// A certificate and its private key, made on the spot: for servers and clients in tests. Copies share their content.
///
///     const auto root = HeldCertificate::Builder().certificate_authority(0).build();
///     const auto server =
///     HeldCertificate::Builder().add_subject_alternative_name("localhost").signed_by(root).build();
class HeldCertificate {
 public:
  class Builder;

  [[nodiscard]] const Certificate& certificate() const noexcept;
  [[nodiscard]] std::string certificate_pem() const;
  /// PKCS #8, not encrypted.
  [[nodiscard]] std::string private_key_pem() const;
  /// What a server shows: this certificate and then its issuers, without the self-signed one at the end.
  [[nodiscard]] std::string chain_pem() const;
  /// Who signed it; itself when self-signed.
  [[nodiscard]] HeldCertificate issuer() const;
  [[nodiscard]] bool is_self_signed() const noexcept;

  /// A self-signed certificate for localhost, 127.0.0.1 and ::1.
  [[nodiscard]] static HeldCertificate localhost();

 private:
  friend class Builder;
  explicit HeldCertificate(std::shared_ptr<const internal::HeldCertificateState> state) noexcept;
  std::shared_ptr<const internal::HeldCertificateState> state_;
};

/// By default: ECDSA on P-256, self-signed, no certificate authority, valid from an hour ago for a day, a random serial
/// number and common name.
class HeldCertificate::Builder {
 public:
  Builder& common_name(std::string name);
  /// A host name, with a wildcard perhaps, or an IPv4 or IPv6 address.
  Builder& add_subject_alternative_name(std::string name);
  Builder& validity(std::chrono::system_clock::time_point not_before, std::chrono::system_clock::time_point not_after);
  /// Valid from an hour ago until `duration` from now.
  Builder& duration(std::chrono::seconds duration);
  Builder& serial_number(std::uint64_t serial);
  Builder& ecdsa_256();
  Builder& rsa_2048();
  Builder& signed_by(const HeldCertificate& issuer);
  /// May sign others, below which at most `max_intermediates` certificate authorities may stand.
  Builder& certificate_authority(unsigned max_intermediates);
  /// Throws std::invalid_argument when the issuer is no certificate authority or a value cannot be encoded.
  [[nodiscard]] HeldCertificate build() const;

 private:
  std::string common_name_;
  std::vector<std::string> names_;
  std::chrono::system_clock::time_point not_before_{};
  std::chrono::system_clock::time_point not_after_{};
  std::uint64_t serial_ = 0;  // 0: a random one
  bool is_rsa_ = false;
  int max_intermediates_ = -1;  // below 0: no certificate authority
  std::shared_ptr<const internal::HeldCertificateState> issuer_;
};

}  // namespace okhttp
