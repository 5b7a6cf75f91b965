#include <okhttp/connection_spec.hpp>

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <utility>

#include "wire/cipher_names.hpp"

namespace okhttp {

struct ConnectionSpec::State {
  bool is_tls = true;
  std::vector<TlsVersion> versions;
  std::vector<std::string> suites;
  std::vector<std::string> tls13_suites;
  bool supports_extensions = true;
  int security_level = 0;

  friend bool operator==(const State&, const State&) = default;
};

namespace {

using internal::CipherFacts;

// Debian's own, at which nothing below 112 bits of security is accepted.
constexpr int kSecurityLevel = 2;
constexpr int kLeastBits = 112;

// Functions, for who makes a client before main() begins.

std::vector<TlsVersion> current_versions() { return {TlsVersion::tls_1_2, TlsVersion::tls_1_3}; }
std::vector<TlsVersion> all_versions() {
  return {TlsVersion::tls_1_0, TlsVersion::tls_1_1, TlsVersion::tls_1_2, TlsVersion::tls_1_3};
}

// Forward secrecy and AEAD.
std::vector<std::string> restricted_suites() {
  return {
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",       "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",       "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  };
}

std::vector<std::string> and_more(std::vector<std::string> suites, std::initializer_list<const char*> more) {
  suites.insert(suites.end(), more.begin(), more.end());
  return suites;
}

// Behind the good ones, four for servers that know no better.
std::vector<std::string> modern_suites() {
  return and_more(restricted_suites(), {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
                                        "TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384"});
}

// What TLS 1.0 has at all.
std::vector<std::string> compatible_suites() {
  return and_more(modern_suites(), {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
                                    "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"});
}

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument("ConnectionSpec: " + what); }

void require_protection(const CipherFacts& suite) {
  if (!suite.protects) refuse("the cipher suite " + suite.iana_name + " does not both encrypt and authenticate");
}

CipherFacts known_suite(const std::string& name) {
  CipherFacts suite = internal::find_cipher(name);
  if (suite.iana_name.empty()) refuse("no cipher suite is called '" + name + "'");
  require_protection(suite);
  return suite;
}

}  // namespace

ConnectionSpec::ConnectionSpec(std::shared_ptr<const State> state) noexcept : state_(std::move(state)) {}

ConnectionSpec ConnectionSpec::standard(std::vector<std::string> suites, std::vector<TlsVersion> versions,
                                        int security_level) {
  State state;
  state.suites = std::move(suites);
  state.versions = std::move(versions);
  state.security_level = security_level;
  return ConnectionSpec(std::make_shared<const State>(std::move(state)));
}

const ConnectionSpec& ConnectionSpec::restricted_tls() {
  static const ConnectionSpec spec = standard(restricted_suites(), current_versions(), kSecurityLevel);
  return spec;
}

const ConnectionSpec& ConnectionSpec::modern_tls() {
  static const ConnectionSpec spec = standard(modern_suites(), current_versions(), kSecurityLevel);
  return spec;
}

const ConnectionSpec& ConnectionSpec::compatible_tls() {
  static const ConnectionSpec spec = standard(compatible_suites(), all_versions(), 0);
  return spec;
}

const ConnectionSpec& ConnectionSpec::cleartext() {
  static const ConnectionSpec spec = [] {
    State state;
    state.is_tls = state.supports_extensions = false;
    return ConnectionSpec(std::make_shared<const State>(std::move(state)));
  }();
  return spec;
}

ConnectionSpec::Builder ConnectionSpec::new_builder() const { return Builder(*this); }
bool ConnectionSpec::is_tls() const noexcept { return state_->is_tls; }
const std::vector<TlsVersion>& ConnectionSpec::tls_versions() const noexcept { return state_->versions; }
const std::vector<std::string>& ConnectionSpec::cipher_suites() const noexcept { return state_->suites; }
const std::vector<std::string>& ConnectionSpec::tls13_cipher_suites() const noexcept { return state_->tls13_suites; }
bool ConnectionSpec::supports_tls_extensions() const noexcept { return state_->supports_extensions; }
int ConnectionSpec::security_level() const noexcept { return state_->security_level; }

bool ConnectionSpec::supports(TlsVersion version) const noexcept {
  return std::find(state_->versions.begin(), state_->versions.end(), version) != state_->versions.end();
}

bool ConnectionSpec::is_fit_for_http2() const noexcept {
  if (!state_->supports_extensions) return false;
  if (supports(TlsVersion::tls_1_3)) return true;
  return supports(TlsVersion::tls_1_2) &&
         std::any_of(state_->suites.begin(), state_->suites.end(),
                     [](const std::string& suite) { return internal::is_fit_for_http2(suite); });
}

std::string ConnectionSpec::to_string() const {
  if (!state_->is_tls) return "clear text";
  std::string text = "TLS (";
  for (std::size_t i = 0; i < state_->versions.size(); ++i) {
    if (i > 0) text += ", ";
    text += okhttp::to_string(state_->versions[i]);
  }
  return text + ')';
}

bool operator==(const ConnectionSpec& a, const ConnectionSpec& b) noexcept {
  return a.state_ == b.state_ || *a.state_ == *b.state_;
}

ConnectionSpec::Builder::Builder() : Builder(modern_tls()) {}
ConnectionSpec::Builder::Builder(const ConnectionSpec& from) : state_(std::make_unique<State>(*from.state_)) {
  if (!from.is_tls()) refuse("of clear text nothing can be changed");
}
ConnectionSpec::Builder::Builder(const Builder& other) : state_(std::make_unique<State>(*other.state_)) {}
ConnectionSpec::Builder::Builder(Builder&& other) noexcept = default;
ConnectionSpec::Builder& ConnectionSpec::Builder::operator=(const Builder& other) {
  if (this != &other) *state_ = *other.state_;
  return *this;
}
ConnectionSpec::Builder& ConnectionSpec::Builder::operator=(Builder&& other) noexcept = default;
ConnectionSpec::Builder::~Builder() = default;

ConnectionSpec::Builder& ConnectionSpec::Builder::tls_versions(std::vector<TlsVersion> versions) {
  if (versions.empty()) refuse("there is no TLS version");
  std::sort(versions.begin(), versions.end());
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  state_->versions = std::move(versions);
  return *this;
}

ConnectionSpec::Builder& ConnectionSpec::Builder::cipher_suites(const std::vector<std::string>& names) {
  std::vector<std::string> suites;
  for (const std::string& name : names) {
    CipherFacts suite = known_suite(name);
    if (suite.is_tls13) refuse("the cipher suite " + name + " is one of TLS 1.3: give it to tls13_cipher_suites()");
    suites.push_back(std::move(suite.iana_name));
  }
  state_->suites = std::move(suites);
  return *this;
}

ConnectionSpec::Builder& ConnectionSpec::Builder::openssl_cipher_list(const std::string& list) {
  const internal::CipherList expanded = internal::expand_cipher_list(list, state_->security_level);
  if (expanded.suites.empty()) refuse("the cipher list '" + list + "' names no suite");
  std::vector<std::string> suites;
  for (const CipherFacts& suite : expanded.suites) {
    require_protection(suite);
    suites.push_back(suite.iana_name);
  }
  state_->suites = std::move(suites);
  state_->security_level = expanded.security_level;
  return *this;
}

ConnectionSpec::Builder& ConnectionSpec::Builder::tls13_cipher_suites(const std::vector<std::string>& names) {
  std::vector<std::string> suites;
  for (const std::string& name : names) {
    CipherFacts suite = known_suite(name);
    if (!suite.is_tls13) refuse("the cipher suite " + name + " is not one of TLS 1.3: give it to cipher_suites()");
    suites.push_back(std::move(suite.iana_name));
  }
  state_->tls13_suites = std::move(suites);
  return *this;
}

ConnectionSpec::Builder& ConnectionSpec::Builder::supports_tls_extensions(bool supported) {
  state_->supports_extensions = supported;
  return *this;
}

ConnectionSpec ConnectionSpec::Builder::build() const {
  const State& state = *state_;
  const TlsVersion oldest = state.versions.front();
  if (oldest <= TlsVersion::tls_1_2 && state.suites.empty()) {
    refuse(std::string(okhttp::to_string(oldest)) + " has no cipher suite");
  }
  for (std::size_t i = 1; i < state.versions.size(); ++i) {
    const TlsVersion below = state.versions[i - 1];
    if (static_cast<int>(state.versions[i]) == static_cast<int>(below) + 1) continue;
    // OpenSSL would offer the older ones alone.
    refuse("the versions have a gap between " + std::string(okhttp::to_string(below)) + " and " +
           std::string(okhttp::to_string(state.versions[i])));
  }
  if (oldest < TlsVersion::tls_1_2 && state.security_level > 0) {
    refuse(std::string(okhttp::to_string(oldest)) + " needs OpenSSL's security level 0, which only specs made from " +
           "compatible_tls() have");
  }
  if (state.security_level >= kSecurityLevel) {
    for (const CipherFacts& suite : internal::expand_cipher_list(internal::openssl_list(state.suites), 0).suites) {
      if (suite.bits >= kLeastBits) continue;
      refuse("the cipher suite " + suite.iana_name + " is too weak for OpenSSL's security level " +
             std::to_string(state.security_level));
    }
  }
  return ConnectionSpec(std::make_shared<const State>(state));
}

}  // namespace okhttp
