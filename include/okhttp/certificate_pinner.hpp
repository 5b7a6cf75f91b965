#pragma once

#include <okhttp/certificate.hpp>
#include <okhttp/config.hpp>

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

/// Which public keys the servers of some hosts must have, beyond a certificate that verifies (RFC 7469 §2.4 has the
/// form of a pin). An immutable value, for any thread; copies share their content. By default it pins nothing.
///
///     okhttp::CertificatePinner::Builder()
///         .add("**.example.com", {"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
///                                 "sha256/BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB="})
///         .build();
///
/// One pinned key anywhere in the verified chain, from the server's own to the trusted root, is enough, so that a
/// backup pin may stand for a key that is not in use yet. Where the certificate is not verified (insecure hosts), only
/// the server's own key counts, because anybody can send the other certificates along. Pins hold on every connection,
/// also through proxies, in resumed sessions and where hosts share a connection. They are those of the server, not of a
/// proxy.
///
/// A server without a pinned key fails the call with Errc::pin_mismatch, before anything of the request was sent; the
/// message holds the pins of its chain and those that are pinned.
class OKHTTP_API CertificatePinner {
 public:
  class Builder;

  CertificatePinner();

  /// The pin of a certificate's public key: "sha256/" and the base64 of the SHA-256 of its SubjectPublicKeyInfo.
  [[nodiscard]] static std::string pin(const Certificate& certificate) { return certificate.pin(); }
  /// The same of a public key, in PEM ("PUBLIC KEY") or DER; throws std::invalid_argument for what is neither.
  [[nodiscard]] static std::string pin_of_public_key(std::string_view pem_or_der);

  [[nodiscard]] bool is_empty() const noexcept;
  /// The pins of which a server of `host` must have one, in the order in which they were added; empty when the host is
  /// not pinned. `host` is a name in ASCII or an address, as Url::host() gives them; upper case and a trailing dot are
  /// of no account.
  [[nodiscard]] std::vector<std::string> pins_of(std::string_view host) const;
  /// Throws Error with Errc::pin_mismatch unless the host is not pinned or `chain` holds one of its keys. Requires: the
  /// chain has been verified, so that nobody could put a certificate in it (CVE-2016-2402).
  void check(std::string_view host, std::span<const Certificate> chain) const;
  /// The same as a question.
  [[nodiscard]] bool holds(std::string_view host, std::span<const Certificate> chain) const;

  [[nodiscard]] Builder new_builder() const;

  /// Equal when all their content is. Connections are shared only between clients whose pinners are equal.
  friend OKHTTP_API bool operator==(const CertificatePinner& a, const CertificatePinner& b) noexcept;

 private:
  friend class Builder;
  struct Entry;
  using Entries = std::vector<Entry>;
  explicit CertificatePinner(std::shared_ptr<const Entries> entries) noexcept;

  std::shared_ptr<const Entries> entries_;  // null when there are none
};

class OKHTTP_API CertificatePinner::Builder {
 public:
  Builder();
  Builder(Builder&& other) noexcept;
  Builder& operator=(Builder&& other) noexcept;
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;
  ~Builder();

  /// Pins a key for the hosts of `pattern`:
  ///
  /// | pattern | hosts |
  /// |---|---|
  /// | `example.com`, `192.0.2.1`, `2001:db8::1` | that name or address |
  /// | `*.example.com` | names with one label more: a.example.com, but neither example.com nor b.a.example.com |
  /// | `**.example.com` | example.com and all names below it |
  /// | `**` | every host, addresses too |
  ///
  /// Names may be in Unicode and upper case. The pins of all patterns that fit a host count together. Throws
  /// std::invalid_argument for another pattern, and for a pin that is not "sha256/" and the base64 of 32 bytes.
  Builder& add(std::string_view pattern, std::string_view pin);
  /// Several pins for one pattern, such as backup pins. Throws std::invalid_argument when there are none.
  Builder& add(std::string_view pattern, std::initializer_list<std::string_view> pins);

  [[nodiscard]] CertificatePinner build() const;

 private:
  friend class CertificatePinner;
  std::unique_ptr<Entries> entries_;
};

}  // namespace okhttp
