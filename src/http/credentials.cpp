#include <okhttp/credentials.hpp>

#include <stdexcept>

#include "http/base64.hpp"

namespace okhttp {
namespace {

std::string to_latin1(std::string_view utf8, const char* what) {
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
      throw std::invalid_argument(std::string(what) + " has a character at byte " + std::to_string(i) +
                                  " that ISO-8859-1 cannot express");
    }
    text += static_cast<char>((lead & 0x03U) << 6 | (next & 0x3fU));
    ++i;
  }
  return text;
}

// RFC 7617 §2: neither part may hold control characters.
void refuse_controls(std::string_view text, const char* what) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f) {
      throw std::invalid_argument(std::string(what) + " has a control character at byte " + std::to_string(i));
    }
  }
}

}  // namespace

std::string basic_credentials(std::string_view user, std::string_view password, CredentialsCharset charset) {
  refuse_controls(user, "user name");
  refuse_controls(password, "password");
  if (user.find(':') != std::string_view::npos) throw std::invalid_argument("user name holds a colon");
  std::string pair;
  if (charset == CredentialsCharset::latin1) {
    pair = to_latin1(user, "user name") + ':' + to_latin1(password, "password");
  } else {
    pair.append(user).append(1, ':').append(password);
  }
  return "Basic " + internal::base64_encode(pair);
}

}  // namespace okhttp
