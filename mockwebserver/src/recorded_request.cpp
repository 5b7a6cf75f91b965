#include <okhttp/mockwebserver/recorded_request.hpp>

namespace okhttp {

std::string RecordedRequest::request_line() const {
  if (method().empty()) return {};
  const bool is_http_1 = protocol() == Protocol::http_1_0 || protocol() == Protocol::http_1_1;
  const std::string_view version = protocol() == Protocol::http_1_0 ? "HTTP/1.0" : is_http_1 ? "HTTP/1.1" : "HTTP/2";
  return method() + " " + target() + " " + std::string(version);
}

}  // namespace okhttp
