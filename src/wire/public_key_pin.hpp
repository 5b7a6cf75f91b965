#pragma once

#include <string>

namespace okhttp::internal {

/// The pin of a SubjectPublicKeyInfo in DER (RFC 7469 §2.4): "sha256/" and the base64 of its SHA-256.
[[nodiscard]] std::string public_key_pin(const unsigned char* info, int size);

}  // namespace okhttp::internal
