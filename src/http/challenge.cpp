#include <okhttp/challenge.hpp>

#include <algorithm>

#include "http/ascii.hpp"
#include "http/field_scanner.hpp"

namespace okhttp {
namespace {

using internal::equals_ignore_case_inline;
using internal::FieldScanner;

// Far above what any scheme defines; keeps the search for repeated names short against a hostile server.
constexpr std::size_t kMaxParameters = 64;

bool is_token68_char(char c) {
  return internal::is_alpha(c) || internal::is_digit(c) || std::string_view("-._~+/").find(c) != std::string_view::npos;
}

bool at_element_end(FieldScanner scanner) {
  scanner.skip_ows();
  return scanner.at_end() || scanner.next_is(',');
}

void skip_empty_elements(FieldScanner& scanner) {
  do {
    scanner.skip_ows();
  } while (scanner.take(','));
}

// RFC 9110 §11.2: token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
// Only what fills its list element is one; `a=b` is a parameter though "a=" alone would match.
std::optional<std::string> take_token68(FieldScanner& scanner) {
  FieldScanner ahead = scanner;
  std::string text(ahead.take_while(is_token68_char));
  if (text.empty()) return std::nullopt;
  text += ahead.take_while([](char c) { return c == '='; });
  if (!at_element_end(ahead)) return std::nullopt;
  scanner = ahead;
  return text;
}

bool at_parameter(FieldScanner scanner) {
  if (scanner.token().empty()) return false;
  scanner.skip_ows();
  return scanner.take('=');
}

bool take_parameter(FieldScanner& scanner, Challenge::Parameters& parameters) {
  std::string name(scanner.token());
  scanner.skip_ows();
  if (name.empty() || !scanner.take('=')) return false;
  scanner.skip_ows();
  auto value = scanner.token_or_quoted_string();
  if (!value || !at_element_end(scanner) || parameters.size() == kMaxParameters) return false;
  for (const auto& [earlier, unused] : parameters) {
    // RFC 9110 §11.2: a name occurs once in a challenge; which of two realms counts is not for us to guess.
    if (equals_ignore_case_inline(earlier, name)) return false;
  }
  parameters.emplace_back(std::move(name), std::move(*value));
  return true;
}

// Appends the challenge that begins here; false where the grammar is broken.
bool take_challenge(FieldScanner& scanner, std::vector<Challenge>& challenges) {
  std::string scheme(scanner.token());
  if (scheme.empty()) return false;
  if (at_element_end(scanner)) {
    challenges.emplace_back(std::move(scheme));
    // `Digest , realm="a"`: the parameters may begin after empty elements (RFC 9110 §5.6.1.2).
    FieldScanner ahead = scanner;
    skip_empty_elements(ahead);
    if (!at_parameter(ahead)) return true;
    scheme = challenges.back().scheme();
    challenges.pop_back();
    scanner = ahead;
  } else if (!scanner.skip_ows()) {
    return false;
  }
  if (auto token68 = take_token68(scanner)) {
    challenges.push_back(Challenge::with_token68(std::move(scheme), std::move(*token68)));
    return true;
  }
  Challenge::Parameters parameters;
  FieldScanner ahead = scanner;
  do {
    if (!take_parameter(ahead, parameters)) return false;
    scanner = ahead;
    skip_empty_elements(ahead);
  } while (at_parameter(ahead));
  challenges.emplace_back(std::move(scheme), std::move(parameters));
  return true;
}

void parse_field(std::string_view value, std::vector<Challenge>& challenges) {
  FieldScanner scanner(value);
  while (true) {
    skip_empty_elements(scanner);
    if (scanner.at_end() || !take_challenge(scanner, challenges)) return;
  }
}

}  // namespace

Challenge::Challenge(std::string scheme, Parameters parameters)
    : scheme_(std::move(scheme)), parameters_(std::move(parameters)) {}

Challenge Challenge::with_token68(std::string scheme, std::string token68) {
  Challenge challenge(std::move(scheme));
  challenge.token68_ = std::move(token68);
  return challenge;
}

std::optional<std::string_view> Challenge::parameter(std::string_view name) const noexcept {
  for (const auto& [key, value] : parameters_) {
    if (equals_ignore_case_inline(key, name)) return value;
  }
  return std::nullopt;
}

bool Challenge::wants_utf8() const noexcept {
  const auto charset = parameter("charset");
  return charset && equals_ignore_case_inline(*charset, "UTF-8");
}

std::string Challenge::to_string() const {
  std::string text = scheme_;
  if (!token68_.empty()) text += ' ' + token68_;
  std::string_view separator = " ";
  for (const auto& [name, value] : parameters_) {
    text += separator;
    text += name;
    text += "=\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
    separator = ", ";
  }
  return text;
}

bool operator==(const Challenge& a, const Challenge& b) noexcept {
  return equals_ignore_case_inline(a.scheme_, b.scheme_) && a.token68_ == b.token68_ &&
         std::equal(a.parameters_.begin(), a.parameters_.end(), b.parameters_.begin(), b.parameters_.end(),
                    [](const auto& left, const auto& right) {
                      return equals_ignore_case_inline(left.first, right.first) && left.second == right.second;
                    });
}

std::vector<Challenge> parse_challenges(const Headers& headers, std::string_view name) {
  std::vector<Challenge> challenges;
  for (const auto field : headers) {
    if (equals_ignore_case_inline(field.name, name)) parse_field(field.value, challenges);
  }
  return challenges;
}

}  // namespace okhttp
