#include "connection/protection_rules.hpp"

#include <okhttp/error.hpp>

#include <algorithm>
#include <exception>
#include <string>

namespace okhttp::internal {
namespace {

std::string without_trailing_dot(const std::string& host) {
  return host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
}

void require_host_name(const Address& address, const Handshake& handshake) {
  HostnameVerifier& verifier = *address.identity().hostname_verifier;
  // The default rules were part of the verification.
  if (&verifier == HostnameVerifier::default_rules().get()) return;
  const std::string start = "cannot trust " + address.host() + ": the host name verifier ";
  bool is_accepted = false;
  try {
    is_accepted = verifier.verify(without_trailing_dot(address.host()), handshake);
  } catch (const std::exception& thrown) {
    throw Error(Errc::peer_unverified, Blame::caller, start + "threw: " + thrown.what(), std::current_exception());
  }
  if (!is_accepted) throw Error(Errc::peer_unverified, Blame::peer, start + "refuses the certificate");
}

/// Begins what is said of clear text that is not permitted. Made only then: every call in clear text comes this way.
std::string refusal(const Address& address) { return "http://" + address.to_string() + " is refused: "; }

}  // namespace

void require_permitted(const Address& address) {
  const ConnectionIdentity& identity = address.identity();
  const bool has_spec = std::any_of(identity.specs.begin(), identity.specs.end(),
                                    [&](const ConnectionSpec& spec) { return spec.is_tls() == address.is_tls(); });
  if (address.is_tls()) {
    if (has_spec) return;
    throw Error(Errc::rejected, Blame::caller,
                "https://" + address.to_string() + " needs a connection spec with TLS, and the client has none");
  }
  if (!has_spec) {
    throw Error(Errc::cleartext_not_permitted, Blame::caller,
                refusal(address) + "no connection spec permits clear text");
  }
  if (identity.cleartext_policy == nullptr) return;
  bool is_permitted = false;
  try {
    is_permitted = (*identity.cleartext_policy)(address.host());
  } catch (const std::exception& thrown) {
    throw Error(Errc::rejected, Blame::caller, refusal(address) + "the policy for clear text threw: " + thrown.what(),
                std::current_exception());
  }
  if (!is_permitted) {
    throw Error(Errc::cleartext_not_permitted, Blame::caller,
                refusal(address) + "the policy permits no clear text there");
  }
}

void require_agreed(const Address& address, const Handshake& handshake, Protocol protocol) {
  // RFC 9113 §9.2: HTTP/2 needs TLS 1.2 at least.
  if (protocol == Protocol::http_2 && handshake.tls_version() < TlsVersion::tls_1_2) {
    throw Error(Errc::tls_handshake, Blame::peer,
                "TLS handshake with " + address.host() + " failed: the peer chose HTTP/2 over " +
                    std::string(to_string(handshake.tls_version())));
  }
  require_host_name(address, handshake);
}

}  // namespace okhttp::internal
