#pragma once

#include <okhttp/config.hpp>

#include <cstdint>
#include <string_view>

namespace okhttp {

/// Versions of TLS, oldest first. The first two are withdrawn (RFC 8996); only ConnectionSpec::compatible_tls() offers
/// them.
enum class TlsVersion : std::uint8_t { tls_1_0, tls_1_1, tls_1_2, tls_1_3 };

/// "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3".
[[nodiscard]] OKHTTP_API std::string_view to_string(TlsVersion version) noexcept;

}  // namespace okhttp
