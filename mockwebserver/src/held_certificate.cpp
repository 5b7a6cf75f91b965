#include <okhttp/ip_address.hpp>
#include <okhttp/mockwebserver/held_certificate.hpp>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

#include "wire/certificate_state.hpp"
#include "wire/openssl.hpp"

namespace okhttp {

namespace internal {

struct HeldCertificateState {
  HeldCertificateState(Certificate made, KeyPtr its_key, std::shared_ptr<const HeldCertificateState> signer,
                       bool may_sign)
      : certificate(std::move(made)), key(std::move(its_key)), issuer(std::move(signer)), is_authority(may_sign) {}
  Certificate certificate;
  KeyPtr key;
  std::shared_ptr<const HeldCertificateState> issuer;  // null: itself
  bool is_authority;
};

}  // namespace internal

namespace {

using internal::BioPtr;
using internal::KeyPtr;
using internal::X509Ptr;
using SystemClock = std::chrono::system_clock;

void require(bool done, const char* what) {
  if (done) return;
  ERR_clear_error();
  throw std::invalid_argument(std::string("cannot make a certificate: ") + what);
}

void set_time(ASN1_TIME* into, SystemClock::time_point when) {
  require(ASN1_TIME_set(into, SystemClock::to_time_t(when)) != nullptr, "a date cannot be encoded");
}

std::array<unsigned char, 16> random_bytes() {
  std::array<unsigned char, 16> bytes{};
  require(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "no random numbers");
  return bytes;
}

void set_serial(X509* certificate, std::uint64_t serial) {
  if (serial != 0) {
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial);
    return;
  }
  auto bytes = random_bytes();
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x3f) | 0x40);  // RFC 5280 §4.1.2.2: positive
  BIGNUM* number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
}

std::string random_name() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string name;
  for (const unsigned char byte : random_bytes()) {
    name += kDigits[byte >> 4];
    name += kDigits[byte & 15];
  }
  return name;
}

void set_subject(X509* certificate, const std::string& common_name) {
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(common_name.data()),
                                     static_cast<int>(common_name.size()), -1, 0) == 1,
          "the common name is empty or too long");
}

GENERAL_NAME* make_general_name(const std::string& name) {
  ASN1_STRING* value = ASN1_STRING_type_new(V_ASN1_OCTET_STRING);
  GENERAL_NAME* general = GENERAL_NAME_new();
  if (const std::optional<IpAddress> address = IpAddress::parse(name)) {
    ASN1_STRING_set(value, address->bytes().data(), address->is_v6() ? 16 : 4);
    GENERAL_NAME_set0_value(general, GEN_IPADD, value);
  } else {
    value->type = V_ASN1_IA5STRING;
    ASN1_STRING_set(value, name.data(), static_cast<int>(name.size()));
    GENERAL_NAME_set0_value(general, GEN_DNS, value);
  }
  return general;
}

void add_names(X509* certificate, const std::vector<std::string>& names) {
  if (names.empty()) return;
  const internal::GeneralNamesPtr all(GENERAL_NAMES_new());
  for (const std::string& name : names) sk_GENERAL_NAME_push(all.get(), make_general_name(name));
  require(X509_add1_ext_i2d(certificate, NID_subject_alt_name, all.get(), 0, 0) == 1, "a name cannot be encoded");
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  require(extension != nullptr, "an extension cannot be encoded");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

template <class Write>
std::string pem_of(Write write) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  write(memory.get());
  char* begin = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &begin);
  return std::string(begin, static_cast<std::size_t>(std::max(size, 0L)));
}

}  // namespace

HeldCertificate::HeldCertificate(std::shared_ptr<const internal::HeldCertificateState> state) noexcept
    : state_(std::move(state)) {}

const Certificate& HeldCertificate::certificate() const noexcept { return state_->certificate; }
std::string HeldCertificate::certificate_pem() const { return state_->certificate.pem(); }

std::string HeldCertificate::private_key_pem() const {
  return pem_of([this](BIO* into) {
    PEM_write_bio_PKCS8PrivateKey(into, state_->key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string HeldCertificate::chain_pem() const {
  std::string chain = certificate_pem();
  for (const auto* above = state_->issuer.get(); above != nullptr && above->issuer != nullptr;
       above = above->issuer.get()) {
    chain += above->certificate.pem();
  }
  return chain;
}

HeldCertificate HeldCertificate::issuer() const { return is_self_signed() ? *this : HeldCertificate(state_->issuer); }

bool HeldCertificate::is_self_signed() const noexcept { return state_->issuer == nullptr; }

HeldCertificate HeldCertificate::localhost() {
  return Builder()
      .common_name("localhost")
      .add_subject_alternative_name("localhost")
      .add_subject_alternative_name("127.0.0.1")
      .add_subject_alternative_name("::1")
      .build();
}

HeldCertificate::Builder& HeldCertificate::Builder::common_name(std::string name) {
  common_name_ = std::move(name);
  return *this;
}

HeldCertificate::Builder& HeldCertificate::Builder::add_subject_alternative_name(std::string name) {
  names_.push_back(std::move(name));
  return *this;
}

HeldCertificate::Builder& HeldCertificate::Builder::validity(SystemClock::time_point not_before,
                                                             SystemClock::time_point not_after) {
  not_before_ = not_before;
  not_after_ = not_after;
  return *this;
}

HeldCertificate::Builder& HeldCertificate::Builder::duration(std::chrono::seconds duration) {
  const auto now = SystemClock::now();
  return validity(now - std::chrono::hours(1), now + duration);
}

HeldCertificate::Builder& HeldCertificate::Builder::serial_number(std::uint64_t serial) {
  serial_ = serial;
  return *this;
}

HeldCertificate::Builder& HeldCertificate::Builder::ecdsa_256() {
  is_rsa_ = false;
  return *this;
}

HeldCertificate::Builder& HeldCertificate::Builder::rsa_2048() {
  is_rsa_ = true;
  return *this;
}

HeldCertificate::Builder& HeldCertificate::Builder::signed_by(const HeldCertificate& issuer) {
  issuer_ = issuer.state_;
  return *this;
}

HeldCertificate::Builder& HeldCertificate::Builder::certificate_authority(unsigned max_intermediates) {
  max_intermediates_ = static_cast<int>(max_intermediates);
  return *this;
}

HeldCertificate HeldCertificate::Builder::build() const {
  require(issuer_ == nullptr || issuer_->is_authority, "the issuer is no certificate authority");
  KeyPtr key(is_rsa_ ? EVP_RSA_gen(2048U) : EVP_EC_gen("P-256"));
  const X509Ptr made(X509_new());
  require(key != nullptr && made != nullptr, "no key");
  X509* certificate = made.get();
  X509* issuer = issuer_ != nullptr ? issuer_->certificate.state().x509.get() : certificate;
  X509_set_version(certificate, X509_VERSION_3);
  set_serial(certificate, serial_);
  set_subject(certificate, common_name_.empty() ? random_name() : common_name_);
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  const auto now = SystemClock::now();
  const bool is_dated = not_after_ != SystemClock::time_point();
  set_time(X509_getm_notBefore(certificate), is_dated ? not_before_ : now - std::chrono::hours(1));
  set_time(X509_getm_notAfter(certificate), is_dated ? not_after_ : now + std::chrono::hours(24));
  X509_set_pubkey(certificate, key.get());
  if (max_intermediates_ >= 0) {
    add_extension(certificate, issuer, NID_basic_constraints,
                  "critical,CA:TRUE,pathlen:" + std::to_string(max_intermediates_));
    add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  }
  add_names(certificate, names_);
  EVP_PKEY* signing_key = issuer_ != nullptr ? issuer_->key.get() : key.get();
  require(X509_sign(certificate, signing_key, EVP_sha256()) > 0, "signing failed");
  return HeldCertificate(std::make_shared<internal::HeldCertificateState>(
      internal::certificate_from(certificate), std::move(key), issuer_, max_intermediates_ >= 0));
}

}  // namespace okhttp
