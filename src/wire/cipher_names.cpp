#include "wire/cipher_names.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

#include "wire/openssl.hpp"

namespace okhttp::internal {
namespace {

CipherFacts facts_of(const SSL_CIPHER* cipher) {
  CipherFacts facts;
  const char* name = SSL_CIPHER_standard_name(cipher);
  facts.iana_name = name != nullptr ? name : SSL_CIPHER_get_name(cipher);
  facts.is_tls13 = std::string_view(SSL_CIPHER_get_version(cipher)) == "TLSv1.3";
  facts.protects = SSL_CIPHER_get_cipher_nid(cipher) != NID_undef && SSL_CIPHER_get_auth_nid(cipher) != NID_auth_null;
  facts.bits = SSL_CIPHER_get_bits(cipher, nullptr);
  return facts;
}

SslContextPtr context_with(const char* list, int security_level) {
  start_openssl();
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return context;
  SSL_CTX_set_security_level(context.get(), security_level);
  if (SSL_CTX_set_cipher_list(context.get(), list) != 1) context = nullptr;
  ERR_clear_error();  // the next user of OpenSSL asks for an empty queue
  return context;
}

}  // namespace

CipherFacts find_cipher(std::string_view name) {
  const SslContextPtr all = context_with("ALL:COMPLEMENTOFALL", 0);
  if (all == nullptr) return {};
  SSL_CTX_set_ciphersuites(all.get(),
                           "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
                           "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256");
  STACK_OF(SSL_CIPHER)* const known = SSL_CTX_get_ciphers(all.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(known); ++i) {
    const SSL_CIPHER* const cipher = sk_SSL_CIPHER_value(known, i);
    CipherFacts facts = facts_of(cipher);
    if (facts.iana_name == name || SSL_CIPHER_get_name(cipher) == name) return facts;
  }
  return {};
}

CipherList expand_cipher_list(const std::string& list, int security_level) {
  CipherList expanded;
  const SslContextPtr context = context_with(list.c_str(), security_level);
  if (context == nullptr) return expanded;
  expanded.security_level = SSL_CTX_get_security_level(context.get());
  STACK_OF(SSL_CIPHER)* const meant = SSL_CTX_get_ciphers(context.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(meant); ++i) {
    CipherFacts facts = facts_of(sk_SSL_CIPHER_value(meant, i));
    if (!facts.is_tls13) expanded.suites.push_back(std::move(facts));
  }
  return expanded;
}

std::string openssl_list(const std::vector<std::string>& iana_names) {
  std::string list;
  for (const std::string& name : iana_names) {
    if (!list.empty()) list += ':';
    // Those that IANA never named stand under OpenSSL's name.
    const std::string_view known = OPENSSL_cipher_name(name.c_str());
    list += known == "(NONE)" ? std::string_view(name) : known;
  }
  return list;
}

bool is_fit_for_http2(std::string_view iana_name) noexcept {
  const bool is_ephemeral = iana_name.starts_with("TLS_ECDHE_") || iana_name.starts_with("TLS_DHE_");
  const bool is_aead = iana_name.find("_GCM_") != std::string_view::npos ||
                       iana_name.find("_CHACHA20_") != std::string_view::npos ||
                       iana_name.find("_CCM") != std::string_view::npos;
  return is_ephemeral && is_aead;
}

}  // namespace okhttp::internal
