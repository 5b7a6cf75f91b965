#pragma once

#include <okhttp/config.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace okhttp {

/// Protocols that carry HTTP, as negotiated by ALPN (RFC 7301) or known beforehand.
enum class Protocol : std::uint8_t {
  http_1_0,            ///< only ever seen in answers
  http_1_1,            ///< ALPN "http/1.1"
  http_2,              ///< ALPN "h2", over TLS
  h2_prior_knowledge,  ///< HTTP/2 in clear text without negotiation (RFC 9113 §3.3)
};

/// The ALPN identifier or, where there is none, a fixed name: "http/1.0", "http/1.1", "h2", "h2_prior_knowledge".
[[nodiscard]] OKHTTP_API std::string_view to_string(Protocol protocol) noexcept;

/// The protocol of that name, or nothing.
[[nodiscard]] OKHTTP_API std::optional<Protocol> protocol_from_string(std::string_view name) noexcept;

}  // namespace okhttp
