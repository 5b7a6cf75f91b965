#include <okhttp/certificate.hpp>
#include <okhttp/error.hpp>
#include <okhttp/handshake_certificates.hpp>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "http/ascii.hpp"
#include "wire/tls_settings.hpp"

namespace okhttp {
namespace {

using internal::TlsSettings;

const std::shared_ptr<const TlsSettings>& default_settings() {
  static const auto settings = std::make_shared<const TlsSettings>();
  return settings;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) {
    throw Error(Errc::io, Blame::caller, "cannot read '" + path + "'",
                std::error_code(errno != 0 ? errno : EIO, std::system_category()));
  }
  return text;
}

void require_pem(std::string_view pem, std::string_view label, const std::string& what) {
  if (pem.find(label) == std::string_view::npos) {
    throw std::invalid_argument(what + " is not in PEM form: it has no \"" + std::string(label) + "\"");
  }
}

std::string lower_host(std::string_view host) {
  std::string lowered(host);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), internal::to_lower);
  return lowered;
}

std::string_view without_trailing_dot(std::string_view host) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

void mix(std::size_t& seed, std::size_t value) noexcept {
  seed ^= value + 0x9e3779b97f4a7c15U + (seed << 6) + (seed >> 2);
}

}  // namespace

std::string_view to_string(TlsVersion version) noexcept {
  switch (version) {
    case TlsVersion::tls_1_0:
      return "TLSv1";
    case TlsVersion::tls_1_1:
      return "TLSv1.1";
    case TlsVersion::tls_1_2:
      return "TLSv1.2";
    case TlsVersion::tls_1_3:
      break;
  }
  return "TLSv1.3";
}

HandshakeCertificates::HandshakeCertificates() : settings_(default_settings()) {}
HandshakeCertificates::HandshakeCertificates(std::shared_ptr<const TlsSettings> settings) noexcept
    : settings_(std::move(settings)) {}

HandshakeCertificates::Builder HandshakeCertificates::new_builder() const { return Builder(*this); }
bool HandshakeCertificates::uses_system_trust() const noexcept { return settings_->system_trust; }
std::string_view HandshakeCertificates::trusted_certificates() const noexcept {
  return settings_->trusted_certificates;
}
std::string_view HandshakeCertificates::client_certificate() const noexcept { return settings_->client_certificate; }
TlsVersion HandshakeCertificates::min_version() const noexcept { return settings_->min_version; }
TlsVersion HandshakeCertificates::max_version() const noexcept { return settings_->max_version; }
const std::vector<std::string>& HandshakeCertificates::insecure_hosts() const noexcept {
  return settings_->insecure_hosts;
}

bool HandshakeCertificates::verifies_certificate_of(std::string_view host) const noexcept {
  if (settings_->insecure) return false;
  // As in the handshake: the dot of an absolute name makes no other host of it.
  const std::string_view name = without_trailing_dot(host);
  return std::none_of(settings_->insecure_hosts.begin(), settings_->insecure_hosts.end(), [name](const auto& insecure) {
    return internal::equals_ignore_case_inline(without_trailing_dot(insecure), name);
  });
}

bool HandshakeCertificates::verifies_name_of(std::string_view host) const noexcept {
  return settings_->verify_host_name || verifies_certificate_of(host);
}

std::size_t HandshakeCertificates::hash() const noexcept {
  std::size_t seed = settings_->system_trust ? 1 : 2;
  mix(seed, std::hash<std::string>()(settings_->trusted_certificates));
  mix(seed, std::hash<std::string>()(settings_->client_certificate));
  for (const std::string& directory : settings_->trusted_directories) mix(seed, std::hash<std::string>()(directory));
  for (const std::string& host : settings_->insecure_hosts) mix(seed, std::hash<std::string>()(host));
  mix(seed, settings_->insecure ? 3 : 5);
  return seed;
}

bool operator==(const HandshakeCertificates& a, const HandshakeCertificates& b) noexcept {
  return a.settings_ == b.settings_ || *a.settings_ == *b.settings_;
}

HandshakeCertificates::Builder::Builder() : settings_(std::make_unique<TlsSettings>()) {}
HandshakeCertificates::Builder::Builder(const HandshakeCertificates& from)
    : settings_(std::make_unique<TlsSettings>(from.settings())) {}
HandshakeCertificates::Builder::Builder(Builder&& other) noexcept = default;
HandshakeCertificates::Builder& HandshakeCertificates::Builder::operator=(Builder&& other) noexcept = default;
HandshakeCertificates::Builder::~Builder() = default;

HandshakeCertificates::Builder& HandshakeCertificates::Builder::system_trust(bool trusted) {
  settings_->system_trust = trusted;
  return *this;
}

HandshakeCertificates::Builder& HandshakeCertificates::Builder::trust_certificates(std::string_view pem) {
  require_pem(pem, "CERTIFICATE-----", "the CA certificate");
  std::string& trusted = settings_->trusted_certificates;
  if (!trusted.empty() && trusted.back() != '\n') trusted += '\n';
  trusted += pem;
  return *this;
}

HandshakeCertificates::Builder& HandshakeCertificates::Builder::trust_file(const std::string& path) {
  const std::string pem = read_file(path);
  require_pem(pem, "CERTIFICATE-----", "'" + path + "'");
  return trust_certificates(pem);
}

HandshakeCertificates::Builder& HandshakeCertificates::Builder::trust_certificate(const Certificate& certificate) {
  return trust_certificates(certificate.pem());
}

HandshakeCertificates::Builder& HandshakeCertificates::Builder::trust_directory(std::string path) {
  if (path.empty()) throw std::invalid_argument("the directory of CA certificates has no name");
  settings_->trusted_directories.push_back(std::move(path));
  return *this;
}

HandshakeCertificates::Builder& HandshakeCertificates::Builder::client_certificate(std::string_view chain_pem,
                                                                                   std::string_view key_pem,
                                                                                   std::string_view password) {
  require_pem(chain_pem, "CERTIFICATE-----", "the client certificate");
  require_pem(key_pem, "PRIVATE KEY-----", "the key of the client certificate");
  settings_->client_certificate = chain_pem;
  settings_->client_key = key_pem;
  settings_->client_key_password = password;
  return *this;
}

HandshakeCertificates::Builder& HandshakeCertificates::Builder::client_certificate_files(const std::string& chain_path,
                                                                                         const std::string& key_path,
                                                                                         std::string_view password) {
  const std::string chain = read_file(chain_path);
  require_pem(chain, "CERTIFICATE-----", "'" + chain_path + "'");
  const std::string key = read_file(key_path);
  require_pem(key, "PRIVATE KEY-----", "'" + key_path + "'");
  return client_certificate(chain, key, password);
}

HandshakeCertificates::Builder& HandshakeCertificates::Builder::no_client_certificate() {
  settings_->client_certificate.clear();
  settings_->client_key.clear();
  settings_->client_key_password.clear();
  return *this;
}

HandshakeCertificates::Builder& HandshakeCertificates::Builder::min_version(TlsVersion version) {
  settings_->min_version = version;
  return *this;
}

HandshakeCertificates::Builder& HandshakeCertificates::Builder::max_version(TlsVersion version) {
  settings_->max_version = version;
  return *this;
}

HandshakeCertificates::Builder& HandshakeCertificates::Builder::add_insecure_host(std::string_view host) {
  if (host.empty()) throw std::invalid_argument("an insecure host has no name");
  std::vector<std::string>& hosts = settings_->insecure_hosts;
  std::string lowered = lower_host(host);
  const auto at = std::lower_bound(hosts.begin(), hosts.end(), lowered);
  if (at == hosts.end() || *at != lowered) hosts.insert(at, std::move(lowered));
  return *this;
}

HandshakeCertificates::Builder& HandshakeCertificates::Builder::insecure() {
  settings_->insecure = true;
  return *this;
}

HandshakeCertificates::Builder& HandshakeCertificates::Builder::verify_host_name(bool verified) {
  settings_->verify_host_name = verified;
  return *this;
}

HandshakeCertificates HandshakeCertificates::Builder::build() const {
  const TlsSettings& settings = *settings_;
  if (settings.min_version > settings.max_version) {
    throw std::invalid_argument("min_version " + std::string(to_string(settings.min_version)) +
                                " is above max_version " + std::string(to_string(settings.max_version)));
  }
  const bool trusts_somebody =
      settings.system_trust || !settings.trusted_certificates.empty() || !settings.trusted_directories.empty();
  if (!trusts_somebody && !settings.insecure && settings.insecure_hosts.empty()) {
    throw std::invalid_argument("nobody is trusted: system trust is off and no CA certificate was given");
  }
  return HandshakeCertificates(std::make_shared<const TlsSettings>(settings));
}

}  // namespace okhttp
