#pragma once

#include <okhttp/config.hpp>
#include <okhttp/request.hpp>

namespace okhttp {

/// The same request with its body compressed while it is sent, in chunks, and `Content-Encoding: gzip`. For servers
/// that are known to accept that. Short for compressed(request, ContentCoding::gzip()).
///
/// Throws std::invalid_argument when the request has no body, or a Content-Encoding already.
[[nodiscard]] OKHTTP_API Request gzip(const Request& request);

}  // namespace okhttp
