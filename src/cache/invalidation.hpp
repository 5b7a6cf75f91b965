#pragma once

#include <okhttp/request.hpp>
#include <okhttp/response.hpp>

#include <string>
#include <vector>

namespace okhttp::internal {

/// The URLs, as keys hold them, whose stored responses are no more right after this answer (RFC 9111 §4.4): those of an
/// unsafe method that did not fail, with what Location and Content-Location name of the same origin.
[[nodiscard]] std::vector<std::string> invalidated_urls(const Request& request, const Response& response);

}  // namespace okhttp::internal
