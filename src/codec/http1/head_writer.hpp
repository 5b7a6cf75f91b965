#pragma once

#include <okhttp/headers.hpp>
#include <okhttp/protocol.hpp>

#include <string>
#include <string_view>

namespace okhttp::internal {

/// Appends the head of an HTTP/1.1 request, empty line included.
/// Requires: `method` is a token and `target` holds no space or control character.
void append_request_head(std::string& out, std::string_view method, std::string_view target, const Headers& headers);

/// Appends the head of a response, empty line included.
/// Requires: `code` has three digits, `reason` holds no control character, `protocol` is http_1_0 or http_1_1.
void append_response_head(std::string& out, Protocol protocol, int code, std::string_view reason,
                          const Headers& headers);

}  // namespace okhttp::internal
