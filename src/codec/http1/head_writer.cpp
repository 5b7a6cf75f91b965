#include "codec/http1/head_writer.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

// The values were validated when they were made; this guards against a path that went around their builders.
[[maybe_unused]] bool is_one_line(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_field_value_char);
}

[[maybe_unused]] bool has_a_line_a_field(const Headers& headers) {
  const std::string_view text = headers.wire_text();
  const auto fields = static_cast<std::ptrdiff_t>(headers.size());
  return std::count(text.begin(), text.end(), '\r') == fields && std::count(text.begin(), text.end(), '\n') == fields;
}

void append_fields(std::string& out, const Headers& headers) {
  assert(has_a_line_a_field(headers));
  out += headers.wire_text();
  out += "\r\n";
}

}  // namespace

void append_request_head(std::string& out, std::string_view method, std::string_view target, const Headers& headers) {
  assert(is_token(method));
  assert(!target.empty() && is_one_line(target) && target.find_first_of(" \t") == std::string_view::npos);
  constexpr std::string_view kVersion = " HTTP/1.1\r\n";
  out.reserve(out.size() + method.size() + 1 + target.size() + kVersion.size() + headers.byte_count() + 2);
  out += method;
  out += ' ';
  out += target;
  out += kVersion;
  append_fields(out, headers);
}

void append_response_head(std::string& out, Protocol protocol, int code, std::string_view reason,
                          const Headers& headers) {
  assert(code >= 100 && code <= 999 && is_one_line(reason));
  out += protocol == Protocol::http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  out += std::to_string(code);
  out += ' ';
  out += reason;
  out += "\r\n";
  append_fields(out, headers);
}

}  // namespace okhttp::internal
