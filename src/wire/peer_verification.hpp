#pragma once

#include <okhttp/certificate.hpp>
#include <okhttp/handshake.hpp>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "wire/certificate_chain.hpp"

namespace okhttp::internal {

/// True for what a certificate can prove: a name in printable ASCII, or an address.
[[nodiscard]] bool is_verifiable_host(std::string_view host) noexcept;

/// Has the verification ask that the certificate be for `host`: by its subject alternative names only, with a wildcard
/// only as the whole left-most label.
void expect_host(X509_VERIFY_PARAM* parameters, const std::string& host);

/// The same question to one certificate.
[[nodiscard]] bool covers_host(X509* certificate, const std::string& host) noexcept;

/// The same for a name that a peer did not prove yet: that it is verifiable, too.
[[nodiscard]] bool covers_host(const Certificate& certificate, const std::string& host) noexcept;

/// Why a verification failed, for people: what is wrong with which certificate, and what it covers.
[[nodiscard]] std::string describe_verification_failure(X509_STORE_CTX* verification, const std::string& host);
[[nodiscard]] std::string describe_wrong_host(X509* certificate, const std::string& host);

/// What a complete handshake agreed upon, by ends that have shown these chains.
[[nodiscard]] Handshake describe_handshake(SSL* ssl, std::shared_ptr<const CertificateChain> peer,
                                           std::shared_ptr<const CertificateChain> local);

}  // namespace okhttp::internal
