#include "http/latin1.hpp"

namespace okhttp::internal {

std::optional<std::string> to_latin1(std::string_view utf8, std::size_t* bad) {
  std::string text;
  text.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    if (lead < 0x80) {
      text += utf8[i];
      continue;
    }
    // U+0080 to U+00FF are two bytes that begin with C2 or C3.
    const auto next = i + 1 < utf8.size() ? static_cast<unsigned char>(utf8[i + 1]) : 0U;
    if ((lead != 0xc2 && lead != 0xc3) || (next & 0xc0U) != 0x80) {
      if (bad != nullptr) *bad = i;
      return std::nullopt;
    }
    text += static_cast<char>((lead & 0x03U) << 6 | (next & 0x3fU));
    ++i;
  }
  return text;
}

}  // namespace okhttp::internal
