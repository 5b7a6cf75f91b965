#include <okhttp/certificate_pinner.hpp>
#include <okhttp/error.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <utility>

#include "http/ascii.hpp"
#include "http/base64.hpp"
#include "http/url_host.hpp"
#include "wire/openssl.hpp"
#include "wire/public_key_pin.hpp"

namespace okhttp {
namespace {

using internal::HostKind;

enum class Reach : std::uint8_t { host, one_label, any_labels, everything };

[[noreturn]] void refuse_pattern(std::string_view pattern) {
  throw std::invalid_argument("CertificatePinner: '" + std::string(pattern) + "' is no host, *.host, **.host or **");
}

/// The host as Url::host() would have it.
std::string canonical_host(std::string_view name, bool is_wildcard, std::string_view pattern) {
  const bool is_bare_v6 = name.find(':') != std::string_view::npos && !name.starts_with('[');
  std::string text;
  const auto result = internal::append_host(text, is_bare_v6 ? '[' + std::string(name) + ']' : std::string(name));
  const bool is_bad = name.empty() || result.problem != internal::UrlProblem::none ||
                      text.find('*') != std::string::npos || (is_wildcard && result.kind != HostKind::domain);
  if (is_bad) refuse_pattern(pattern);
  if (result.kind == HostKind::ipv6) text = text.substr(1, text.size() - 2);
  if (text.ends_with('.')) text.pop_back();
  if (text.empty()) refuse_pattern(pattern);
  return text;
}

/// Lower case and without the dot at the end, which a host may have without being another.
std::string comparable(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string text(host);
  std::transform(text.begin(), text.end(), text.begin(), internal::to_lower);
  return text;
}

}  // namespace

struct CertificatePinner::Entry {
  Reach reach;
  std::string host;  // without the wildcard
  std::string pin;

  [[nodiscard]] bool fits(std::string_view name) const noexcept {
    if (reach == Reach::everything) return true;
    if (reach == Reach::host || name == host) return name == host && reach != Reach::one_label;
    if (name.size() <= host.size() + 1 || !name.ends_with(host)) return false;
    const std::string_view labels = name.substr(0, name.size() - host.size() - 1);
    if (name[labels.size()] != '.') return false;
    return reach == Reach::any_labels || labels.find('.') == std::string_view::npos;
  }
  friend bool operator==(const Entry&, const Entry&) = default;
};

CertificatePinner::CertificatePinner() = default;
CertificatePinner::CertificatePinner(std::shared_ptr<const Entries> entries) noexcept : entries_(std::move(entries)) {}

std::string CertificatePinner::pin_of_public_key(std::string_view pem_or_der) {
  const internal::BioPtr memory(BIO_new_mem_buf(pem_or_der.data(), static_cast<int>(pem_or_der.size())));
  internal::KeyPtr key(PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr));
  const auto* at = reinterpret_cast<const unsigned char*>(pem_or_der.data());
  if (key == nullptr) key.reset(d2i_PUBKEY(nullptr, &at, static_cast<long>(pem_or_der.size())));
  ERR_clear_error();
  if (key == nullptr) throw std::invalid_argument("CertificatePinner: that is no public key in PEM or DER");
  unsigned char* info = nullptr;
  const int size = i2d_PUBKEY(key.get(), &info);
  std::string pin = internal::public_key_pin(info, size);
  OPENSSL_free(info);
  return pin;
}

bool CertificatePinner::is_empty() const noexcept { return entries_ == nullptr; }

std::vector<std::string> CertificatePinner::pins_of(std::string_view host) const {
  std::vector<std::string> pins;
  if (is_empty()) return pins;
  const std::string name = comparable(host);
  for (const Entry& entry : *entries_) {
    const bool is_new = std::find(pins.begin(), pins.end(), entry.pin) == pins.end();
    if (is_new && entry.fits(name)) pins.push_back(entry.pin);
  }
  return pins;
}

bool CertificatePinner::holds(std::string_view host, std::span<const Certificate> chain) const {
  const std::vector<std::string> pins = pins_of(host);
  return pins.empty() || std::any_of(chain.begin(), chain.end(), [&](const Certificate& certificate) {
           return std::find(pins.begin(), pins.end(), certificate.pin()) != pins.end();
         });
}

void CertificatePinner::check(std::string_view host, std::span<const Certificate> chain) const {
  if (holds(host, chain)) return;
  std::string text = "no key of " + std::string(host) + " is pinned: it has";
  const char* separator = " ";
  for (const Certificate& shown : chain) {
    text += std::exchange(separator, ", ") + shown.pin() + " (" + shown.subject() + ')';
  }
  if (chain.empty()) text += " none";
  separator = "; pinned are ";
  for (const std::string& pin : pins_of(host)) text += std::exchange(separator, ", ") + pin;
  throw Error(Errc::pin_mismatch, Blame::peer, text);
}

CertificatePinner::Builder CertificatePinner::new_builder() const {
  Builder builder;
  if (!is_empty()) *builder.entries_ = *entries_;
  return builder;
}

bool operator==(const CertificatePinner& a, const CertificatePinner& b) noexcept {
  if (a.entries_ == b.entries_) return true;
  return !a.is_empty() && !b.is_empty() && *a.entries_ == *b.entries_;
}

CertificatePinner::Builder::Builder() : entries_(std::make_unique<Entries>()) {}
CertificatePinner::Builder::Builder(Builder&& other) noexcept = default;
CertificatePinner::Builder& CertificatePinner::Builder::operator=(Builder&& other) noexcept = default;
CertificatePinner::Builder::~Builder() = default;

CertificatePinner::Builder& CertificatePinner::Builder::add(std::string_view pattern, std::string_view pin) {
  constexpr std::string_view kAlgorithm = "sha256/";
  std::optional<std::string> hash;
  if (pin.starts_with(kAlgorithm)) hash = internal::base64_decode(pin.substr(kAlgorithm.size()));
  if (!hash.has_value() || hash->size() != SHA256_DIGEST_LENGTH) {
    throw std::invalid_argument("CertificatePinner: '" + std::string(pin) +
                                "' is not sha256/ and the base64 of 32 bytes");
  }
  Entry entry{Reach::host, std::string(), std::string(pin)};
  if (pattern == "**") {
    entry.reach = Reach::everything;
  } else if (pattern.starts_with("**.")) {
    entry.reach = Reach::any_labels;
    entry.host = canonical_host(pattern.substr(3), true, pattern);
  } else if (pattern.starts_with("*.")) {
    entry.reach = Reach::one_label;
    entry.host = canonical_host(pattern.substr(2), true, pattern);
  } else {
    entry.host = canonical_host(pattern, false, pattern);
  }
  entries_->push_back(std::move(entry));
  return *this;
}

CertificatePinner::Builder& CertificatePinner::Builder::add(std::string_view pattern,
                                                            std::initializer_list<std::string_view> pins) {
  if (pins.size() == 0) throw std::invalid_argument("CertificatePinner: no pins");
  for (const std::string_view pin : pins) add(pattern, pin);
  return *this;
}

CertificatePinner CertificatePinner::Builder::build() const {
  if (entries_->empty()) return CertificatePinner();
  return CertificatePinner(std::make_shared<const Entries>(*entries_));
}

}  // namespace okhttp
