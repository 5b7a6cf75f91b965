#pragma once

#include <okhttp/config.hpp>

#include <cstdint>
#include <string_view>

namespace okhttp {

/// Versions of TLS. The library offers 1.2 and 1.3; the two before are withdrawn (RFC 8996).
enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

/// "TLSv1.2", "TLSv1.3".
[[nodiscard]] OKHTTP_API std::string_view to_string(TlsVersion version) noexcept;

}  // namespace okhttp
