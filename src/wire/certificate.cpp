#include <okhttp/certificate.hpp>
#include <okhttp/ip_address.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <utility>

#include "http/base64.hpp"
#include "wire/certificate_state.hpp"
#include "wire/public_key_pin.hpp"

namespace okhttp {
namespace {

using internal::BioPtr;
using internal::X509Ptr;

std::string text_of(BIO* memory) {
  char* begin = nullptr;
  const long size = BIO_get_mem_data(memory, &begin);
  return size > 0 ? std::string(begin, static_cast<std::size_t>(size)) : std::string();
}

std::string text_of(const X509_NAME* name) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  // Control characters and bytes above ASCII are escaped, so that the text is safe to print.
  X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253);
  return text_of(memory.get());
}

std::string text_of(const ASN1_STRING* text) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<std::size_t>(ASN1_STRING_length(text)));
}

std::string address_text(const ASN1_OCTET_STRING* address) {
  const unsigned char* bytes = ASN1_STRING_get0_data(address);
  if (ASN1_STRING_length(address) == 4) {
    std::array<std::uint8_t, 4> v4{};
    std::copy_n(bytes, v4.size(), v4.begin());
    return IpAddress::v4(v4).to_string();
  }
  if (ASN1_STRING_length(address) == 16) {
    std::array<std::uint8_t, 16> v6{};
    std::copy_n(bytes, v6.size(), v6.begin());
    return IpAddress::v6(v6).to_string();
  }
  return {};
}

bool is_printable(const std::string& text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::chrono::system_clock::time_point time_of(const ASN1_TIME* time) noexcept {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  const std::chrono::year_month_day day(std::chrono::year(parts.tm_year + 1900),
                                        std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1),
                                        std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::sys_days(day).time_since_epoch() +
                                                                        std::chrono::hours(parts.tm_hour) +
                                                                        std::chrono::minutes(parts.tm_min)) +
                       std::chrono::seconds(parts.tm_sec);
  // The year 9999 of certificates that do not expire is beyond what the clock can tell.
  using Clock = std::chrono::system_clock;
  const auto last = std::chrono::duration_cast<std::chrono::seconds>(Clock::duration::max());
  const auto first = std::chrono::duration_cast<std::chrono::seconds>(Clock::duration::min());
  return Clock::time_point(std::clamp(seconds, first, last));
}

}  // namespace

Certificate internal::certificate_from(X509* x509) {
  auto state = std::make_shared<CertificateState>();
  X509_up_ref(x509);
  state->x509.reset(x509);
  const int size = i2d_X509(x509, nullptr);
  state->der.resize(static_cast<std::size_t>(std::max(size, 0)));
  auto* at = reinterpret_cast<unsigned char*>(state->der.data());
  if (size > 0) i2d_X509(x509, &at);
  return Certificate(std::move(state));
}

std::vector<Certificate> internal::certificates_from(const STACK_OF(X509) * chain) {
  std::vector<Certificate> certificates;
  const int count = chain != nullptr ? sk_X509_num(chain) : 0;
  certificates.reserve(static_cast<std::size_t>(std::max(count, 0)));
  for (int i = 0; i < count; ++i) certificates.push_back(certificate_from(sk_X509_value(chain, i)));
  return certificates;
}

Certificate::Certificate(std::shared_ptr<const internal::CertificateState> state) noexcept : state_(std::move(state)) {}

std::optional<Certificate> Certificate::from_der(std::span<const std::byte> der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* end = at + der.size();
  const X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (x509 == nullptr || at != end) return std::nullopt;
  return internal::certificate_from(x509.get());
}

std::optional<Certificate> Certificate::from_pem(std::string_view pem) {
  const BioPtr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Ptr x509(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (x509 == nullptr) return std::nullopt;
  return internal::certificate_from(x509.get());
}

std::span<const std::byte> Certificate::der() const noexcept { return state_->der; }

std::string Certificate::pem() const {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), state_->x509.get());
  return text_of(memory.get());
}

std::string Certificate::subject() const { return text_of(X509_get_subject_name(state_->x509.get())); }
std::string Certificate::issuer() const { return text_of(X509_get_issuer_name(state_->x509.get())); }

std::vector<std::string> Certificate::subject_alternative_names() const {
  std::vector<std::string> names;
  const internal::GeneralNamesPtr all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(state_->x509.get(), NID_subject_alt_name, nullptr, nullptr)));
  ERR_clear_error();
  const int count = all != nullptr ? sk_GENERAL_NAME_num(all.get()) : 0;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    std::string text;
    if (name->type == GEN_DNS) text = text_of(name->d.dNSName);
    if (name->type == GEN_IPADD) text = address_text(name->d.iPAddress);
    // A name that no host can have covers nothing, and is not worth the risk of printing it.
    if (!text.empty() && is_printable(text)) names.push_back(std::move(text));
  }
  return names;
}

std::string Certificate::serial_number() const {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(state_->x509.get());
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (int i = 0; i < ASN1_STRING_length(serial); ++i) {
    const unsigned char byte = ASN1_STRING_get0_data(serial)[i];
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::chrono::system_clock::time_point Certificate::not_before() const noexcept {
  return time_of(X509_get0_notBefore(state_->x509.get()));
}

std::chrono::system_clock::time_point Certificate::not_after() const noexcept {
  return time_of(X509_get0_notAfter(state_->x509.get()));
}

std::string Certificate::pin() const {
  unsigned char* key = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(state_->x509.get()), &key);
  std::string text = internal::public_key_pin(key, size);
  OPENSSL_free(key);
  return text;
}

std::string internal::public_key_pin(const unsigned char* info, int size) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  if (size > 0) SHA256(info, static_cast<std::size_t>(size), digest.data());
  return "sha256/" + base64_encode(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

bool operator==(const Certificate& a, const Certificate& b) noexcept {
  return a.state_ == b.state_ || std::ranges::equal(a.der(), b.der());
}

}  // namespace okhttp
