#pragma once

#include <okhttp/connection_spec.hpp>
#include <okhttp/tls.hpp>

#include <cstddef>
#include <optional>
#include <span>

#include "runtime/stream.hpp"

namespace okhttp::internal {

/// Which of a client's connection specs a TLS handshake uses, and whether another one is worth a try after it failed.
/// No state and no I/O; from any thread.
class ConnectionSpecSelector {
 public:
  /// Both outlive the selector. `bounds` narrow the versions of every spec.
  ConnectionSpecSelector(std::span<const ConnectionSpec> specs, const TlsConfig& bounds) noexcept
      : specs_(specs), bounds_(bounds) {}

  /// The first spec at `from` or behind that is for TLS and has a version within the bounds.
  [[nodiscard]] std::optional<std::size_t> next(std::size_t from) const noexcept;
  /// That spec itself, the first; ConnectionSpec::modern_tls() when there is none: for TLS to a proxy.
  [[nodiscard]] const ConnectionSpec& first_or_modern() const noexcept;

  /// True when the spec at `index` offers nothing as new as another one of the list does, so that a server has to be
  /// told that an earlier handshake failed (RFC 7507 §4).
  [[nodiscard]] bool is_downgrade(std::size_t index) const noexcept;

  /// True when another spec may succeed where a handshake ended in `failure`: the two ends did not come to terms. Not
  /// when the certificate of either was refused, the peer speaks no TLS, time was up or the network failed.
  [[nodiscard]] static bool may_cure(const IoResult& failure) noexcept;

 private:
  [[nodiscard]] std::optional<TlsVersion> newest(const ConnectionSpec& spec) const noexcept;

  std::span<const ConnectionSpec> specs_;
  const TlsConfig& bounds_;
};

}  // namespace okhttp::internal
