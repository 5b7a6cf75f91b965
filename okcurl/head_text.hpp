#pragma once

#include <okhttp/headers.hpp>
#include <okhttp/response.hpp>

#include <string>

namespace okcurl {

/// "HTTP/1.1 200 OK"
[[nodiscard]] std::string status_line(const okhttp::Response& response);

/// The head as it came from the network, the empty line at its end included.
[[nodiscard]] std::string head_text(const okhttp::Response& response);

}  // namespace okcurl
