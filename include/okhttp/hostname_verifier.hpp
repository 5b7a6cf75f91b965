#pragma once

#include <okhttp/config.hpp>

#include <memory>
#include <string>

namespace okhttp {

class Handshake;

/// Says whether the certificate that a server showed is for the host that is wanted. Asked once a handshake, after the
/// chain was found to be trusted; whom it refuses fails with Errc::peer_unverified.
///
/// One of the caller's takes the place of the default rules altogether, also for hosts whose chain is not verified. It
/// is not asked about the certificate of a proxy. Connections made under it are shared only among clients that have the
/// very same one, and not among hosts (RFC 9113 §9.1.1).
///
/// Threads: called on the engine that runs the call, several at once, and must not block.
class OKHTTP_API HostnameVerifier {
 public:
  HostnameVerifier() = default;
  HostnameVerifier(const HostnameVerifier&) = delete;
  HostnameVerifier& operator=(const HostnameVerifier&) = delete;
  virtual ~HostnameVerifier() = default;

  /// `host` is the URL's: a name in lower-case ASCII, without a dot at its end, or an address without brackets. An
  /// exception refuses, too.
  [[nodiscard]] virtual bool verify(const std::string& host, const Handshake& handshake) = 0;

  /// The rules of RFC 9525: subject alternative names alone and never the common name; a wildcard only as the whole
  /// left-most label, for exactly one label; addresses by entries for addresses; a host outside ASCII never. One
  /// object.
  [[nodiscard]] static const std::shared_ptr<HostnameVerifier>& default_rules();
};

}  // namespace okhttp
