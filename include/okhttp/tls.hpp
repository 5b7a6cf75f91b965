#pragma once

#include <okhttp/handshake_certificates.hpp>

namespace okhttp {

/// A shorter name.
using TlsConfig = HandshakeCertificates;

}  // namespace okhttp
