#include "okcurl/head_text.hpp"

namespace okcurl {

std::string_view version_text(okhttp::Protocol protocol) noexcept {
  switch (protocol) {
    case okhttp::Protocol::http_1_0:
      return "HTTP/1.0";
    case okhttp::Protocol::http_1_1:
      return "HTTP/1.1";
    case okhttp::Protocol::http_2:
    case okhttp::Protocol::h2_prior_knowledge:
      return "HTTP/2";
  }
  return "HTTP/1.1";
}

std::string status_line(const okhttp::Response& response) {
  return std::string(version_text(response.protocol())) + ' ' + std::to_string(response.code()) + ' ' +
         response.message();
}

std::string head_text(const okhttp::Response& response) {
  // What the library decodes loses its Content-Encoding; what is shown is what the server said.
  const okhttp::Response* const wire = response.network_response();
  const okhttp::Response& shown = wire != nullptr ? *wire : response;
  return status_line(shown) + "\r\n" + std::string(shown.headers().wire_text()) + "\r\n";
}

}  // namespace okcurl
