#include <okhttp/credentials.hpp>

#include <optional>
#include <stdexcept>
#include <utility>

#include "http/base64.hpp"
#include "http/latin1.hpp"

namespace okhttp {
namespace {

std::string latin1_of(std::string_view utf8, const char* what) {
  std::size_t bad = 0;
  std::optional<std::string> text = internal::to_latin1(utf8, &bad);
  if (text.has_value()) return std::move(*text);
  throw std::invalid_argument(std::string(what) + " has a character at byte " + std::to_string(bad) +
                              " that ISO-8859-1 cannot express");
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
    pair = latin1_of(user, "user name") + ':' + latin1_of(password, "password");
  } else {
    pair.append(user).append(1, ':').append(password);
  }
  return "Basic " + internal::base64_encode(pair);
}

}  // namespace okhttp
