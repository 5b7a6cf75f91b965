#pragma once

#include <okhttp/config.hpp>
#include <okhttp/tls_version.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

/// How a connection is protected: in clear text, or by TLS of certain versions with certain cipher suites. An immutable
/// value; copies share their content. Connections are shared only between clients whose lists of specs are equal.
///
/// A client has a list of them, modern_tls() and cleartext() unless told otherwise. http needs a spec in clear text in
/// the list. https uses the first of TLS and, after a handshake failure that another one might cure, the next.
///
/// Threads: any.
class OKHTTP_API ConnectionSpec {
 public:
  class Builder;

  /// TLS 1.2 and 1.3 with forward secrecy and authenticated encryption alone.
  [[nodiscard]] static const ConnectionSpec& restricted_tls();
  /// TLS 1.2 and 1.3 with the suites that browsers offer. The default.
  [[nodiscard]] static const ConnectionSpec& modern_tls();
  /// TLS 1.0 to 1.3, for servers that nobody maintains: with suites that were broken in part, and the only spec for
  /// which OpenSSL's security level is lowered, to 0, so that short keys and SHA-1 are accepted as well.
  [[nodiscard]] static const ConnectionSpec& compatible_tls();
  /// No protection, for http.
  [[nodiscard]] static const ConnectionSpec& cleartext();

  /// A builder with what this spec says.
  [[nodiscard]] Builder new_builder() const;

  [[nodiscard]] bool is_tls() const noexcept;
  /// Oldest first; empty in clear text.
  [[nodiscard]] const std::vector<TlsVersion>& tls_versions() const noexcept;
  [[nodiscard]] bool supports(TlsVersion version) const noexcept;
  /// Those up to TLS 1.2, by preference, by their IANA names: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".
  [[nodiscard]] const std::vector<std::string>& cipher_suites() const noexcept;
  /// Those of TLS 1.3: "TLS_AES_128_GCM_SHA256". Empty: OpenSSL's own, which are all good.
  [[nodiscard]] const std::vector<std::string>& tls13_cipher_suites() const noexcept;
  /// Whether the name of the host (SNI) and protocols (ALPN) are sent. Without, HTTP/2 is not offered.
  [[nodiscard]] bool supports_tls_extensions() const noexcept;
  /// OpenSSL's, which bounds keys and signatures: 2 means at least 112 bits of security.
  [[nodiscard]] int security_level() const noexcept;
  /// True when HTTP/2 may be spoken on it (RFC 9113 §9.2): extensions, and TLS 1.2 with a suite that is not prohibited
  /// there, or TLS 1.3.
  [[nodiscard]] bool is_fit_for_http2() const noexcept;

  /// For messages: "TLS (TLSv1.2, TLSv1.3)", "clear text".
  [[nodiscard]] std::string to_string() const;
  friend OKHTTP_API bool operator==(const ConnectionSpec& a, const ConnectionSpec& b) noexcept;

 private:
  struct State;
  friend class Builder;
  explicit ConnectionSpec(std::shared_ptr<const State> state) noexcept;
  [[nodiscard]] static ConnectionSpec standard(std::vector<std::string> suites, std::vector<TlsVersion> versions,
                                               int security_level);

  std::shared_ptr<const State> state_;
};

/// Collects a ConnectionSpec for TLS. Not thread-safe.
///
/// Every setting throws std::invalid_argument, which names the part that is wrong. Names of suites are IANA's or
/// OpenSSL's.
class OKHTTP_API ConnectionSpec::Builder {
 public:
  /// Begins with modern_tls().
  Builder();
  /// Throws std::invalid_argument for cleartext(), of which nothing can be changed.
  explicit Builder(const ConnectionSpec& from);
  Builder(const Builder& other);
  Builder(Builder&& other) noexcept;
  Builder& operator=(const Builder& other);
  Builder& operator=(Builder&& other) noexcept;
  ~Builder();

  Builder& tls_versions(std::vector<TlsVersion> versions);
  /// The suites of TLS 1.2 and before, by preference. Refused are unknown ones, those of TLS 1.3, and those that
  /// neither encrypt nor authenticate.
  Builder& cipher_suites(const std::vector<std::string>& names);
  /// The same in OpenSSL's own language: "ECDHE+AESGCM:!DSS". "@SECLEVEL=n" sets the security level.
  Builder& openssl_cipher_list(const std::string& list);
  Builder& tls13_cipher_suites(const std::vector<std::string>& names);
  Builder& supports_tls_extensions(bool supported);

  /// Throws when the versions have a gap, there is no suite for TLS 1.2 and before although one of these is wanted, a
  /// suite too weak for the security level, or TLS 1.0 or 1.1 at a level above 0, at which OpenSSL does not speak them:
  /// such a spec has to be made from compatible_tls().
  [[nodiscard]] ConnectionSpec build() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace okhttp
