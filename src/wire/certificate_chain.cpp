#include "wire/certificate_chain.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <utility>

#include "wire/certificate_state.hpp"

namespace okhttp::internal {
namespace {

X509StackPtr shared_copy(STACK_OF(X509) * chain) {
  return X509StackPtr(chain != nullptr ? X509_chain_up_ref(chain) : sk_X509_new_null());
}

void put_first(STACK_OF(X509) * chain, X509* certificate) {
  if (chain != nullptr && X509_up_ref(certificate) == 1 && sk_X509_insert(chain, certificate, 0) == 0) {
    X509_free(certificate);
  }
}

std::shared_ptr<const CertificateChain> made_of(X509StackPtr chain) {
  return std::make_shared<const CertificateChain>(std::move(chain));
}

}  // namespace

const std::vector<Certificate>& CertificateChain::certificates() const {
  if (native_ != nullptr) std::call_once(made_, [this] { certificates_ = certificates_from(native_.get()); });
  return certificates_;
}

std::time_t CertificateChain::valid_until() const {
  if (native_ == nullptr) return valid_until_;
  std::call_once(asked_until_, [this] {
    for (int i = 0; i < sk_X509_num(native_.get()); ++i) {
      std::tm end{};
      const bool is_known = ASN1_TIME_to_tm(X509_get0_notAfter(sk_X509_value(native_.get(), i)), &end) == 1;
      valid_until_ = std::min(valid_until_, is_known ? ::timegm(&end) : 0);
    }
  });
  return valid_until_;
}

bool has_verified_peer(const SSL* ssl) noexcept {
  return SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE && SSL_get_verify_result(ssl) == X509_V_OK;
}

std::shared_ptr<const CertificateChain> peer_chain_of(SSL* ssl) {
  STACK_OF(X509)* const verified = has_verified_peer(ssl) ? SSL_get0_verified_chain(ssl) : nullptr;
  if (verified != nullptr && sk_X509_num(verified) > 0) return made_of(shared_copy(verified));
  X509StackPtr sent = shared_copy(SSL_get_peer_cert_chain(ssl));
  // To a server OpenSSL gives the chain without the client's own certificate.
  X509* own = SSL_get0_peer_certificate(ssl);
  if (own != nullptr && SSL_is_server(ssl) == 1) put_first(sent.get(), own);
  return made_of(std::move(sent));
}

std::shared_ptr<const CertificateChain> local_chain_of(SSL* ssl) {
  static const auto kNone = std::make_shared<const CertificateChain>(std::vector<Certificate>());
  int signature = NID_undef;
  X509* shown = SSL_get_certificate(ssl);
  // A client that was not asked for its certificate has signed nothing.
  if (shown == nullptr || (SSL_is_server(ssl) != 1 && SSL_get_signature_nid(ssl, &signature) != 1)) return kNone;
  STACK_OF(X509)* intermediates = nullptr;
  SSL_ctrl(ssl, SSL_CTRL_GET_CHAIN_CERTS, 0, static_cast<void*>(&intermediates));
  X509StackPtr chain = shared_copy(intermediates);
  put_first(chain.get(), shown);
  return made_of(std::move(chain));
}

}  // namespace okhttp::internal
