#pragma once

#include <okhttp/connection_spec.hpp>

#include <vector>

#include "okcurl/options.hpp"

namespace okcurl {

/// How connections are protected: TLS as --tls-max, --ciphers and their kind say, and clear text. Throws Failure
/// (ssl_cipher, tls_handshake) for what OpenSSL does not know, or what cannot be.
[[nodiscard]] std::vector<okhttp::ConnectionSpec> connection_specs_of(const Options& options);

}  // namespace okcurl
