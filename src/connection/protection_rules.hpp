#pragma once

#include <okhttp/handshake.hpp>
#include <okhttp/protocol.hpp>

#include "route/address.hpp"

namespace okhttp::internal {

/// Throws Error when the client's connection specs, or its policy for clear text, exclude every connection to
/// `address`: cleartext_not_permitted for http, rejected for https. The policy is the user's code: no lock is held.
void require_permitted(const Address& address);

/// Throws Error for a handshake that is complete, but not what `address` asks for: peer_unverified when a verifier of
/// the caller's refuses the host, tls_handshake when the peer wants to speak HTTP/2 over a version that is too old.
void require_agreed(const Address& address, const Handshake& handshake, Protocol protocol);

}  // namespace okhttp::internal
