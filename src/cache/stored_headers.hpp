#pragma once

#include <okhttp/headers.hpp>

namespace okhttp::internal {

/// The fields of a response that are kept: without those that are for one connection (RFC 9111 §3.1).
[[nodiscard]] Headers storable_headers(const Headers& received);

/// The fields of a stored response after an answer that confirmed it, a 304 or one to HEAD (RFC 9111 §3.2): every field
/// that came replaces what is stored, but for those that describe the body as it is stored.
[[nodiscard]] Headers merge_headers(const Headers& stored, const Headers& received);

/// Without the fields that `no-cache="..."` names (RFC 9111 §5.2.2.4).
[[nodiscard]] Headers without_unvalidated(const Headers& stored);

}  // namespace okhttp::internal
