#pragma once

#include <okhttp/headers.hpp>
#include <okhttp/protocol.hpp>
#include <okhttp/response.hpp>

#include <string>
#include <string_view>

namespace okcurl {

/// "HTTP/1.1" or "HTTP/2", as a status line begins.
[[nodiscard]] std::string_view version_text(okhttp::Protocol protocol) noexcept;

/// "HTTP/1.1 200 OK"
[[nodiscard]] std::string status_line(const okhttp::Response& response);

/// The head as it came from the network, the empty line at its end included.
[[nodiscard]] std::string head_text(const okhttp::Response& response);

}  // namespace okcurl
