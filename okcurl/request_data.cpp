#include "okcurl/request_data.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>

#include "okcurl/exit_code.hpp"

namespace okcurl {
namespace {

/// All but the unreserved characters of RFC 3986 §2.3, as curl encodes.
std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool is_alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_alphanumeric || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[byte >> 4];
    encoded += kHex[byte & 15U];
  }
  return encoded;
}

/// "content", "=content", "name=content", "@file", "name@file".
std::string url_encoded(const std::string& value) {
  const std::size_t mark = value.find_first_of("=@");
  if (mark == std::string::npos) return percent_encode(value);
  const std::string name = value.substr(0, mark);
  std::string content = value.substr(mark + 1);
  if (value[mark] == '@') content = read_whole_file(content);
  return (name.empty() ? "" : name + '=') + percent_encode(content);
}

std::string content_of(const DataPart& part) {
  if (part.kind == DataPart::Kind::url_encode) return url_encoded(part.value);
  const bool is_file = part.kind != DataPart::Kind::raw && part.value.starts_with('@');
  if (!is_file) return part.value;
  std::string content = read_whole_file(part.value.substr(1));
  if (part.kind == DataPart::Kind::text) {
    std::erase_if(content, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  }
  return content;
}

}  // namespace

std::string read_whole_file(const std::string& path) {
  const bool is_standard_input = path == "-";
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> owned(nullptr, &std::fclose);
  if (!is_standard_input) owned.reset(std::fopen(path.c_str(), "rbe"));
  std::FILE* const file = is_standard_input ? stdin : owned.get();
  if (file == nullptr)
    throw Failure(ExitCode::read_error, "Failed to open " + path + ": " + std::generic_category().message(errno));
  std::string content;
  char buffer[65536];
  for (;;) {
    const std::size_t count = std::fread(buffer, 1, sizeof buffer, file);
    content.append(buffer, count);
    if (count < sizeof buffer) break;
  }
  if (std::ferror(file) != 0)
    throw Failure(ExitCode::read_error, "Failed to read " + path + ": " + std::generic_category().message(errno));
  return content;
}

std::string join_data(const std::vector<DataPart>& parts) {
  std::string joined;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) joined += '&';
    joined += content_of(parts[i]);
  }
  return joined;
}

}  // namespace okcurl
