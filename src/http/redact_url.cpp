#include "http/redact_url.hpp"

#include <algorithm>
#include <array>

#include "http/ascii.hpp"
#include "http/percent_encoding.hpp"
#include "http/redact.hpp"

namespace okhttp::internal {
namespace {

/// Calls `visit` with each piece of `text`, and with the separator before it, which is empty for the first.
template <typename Visit>
void for_each_piece(std::string_view text, std::string_view separators, Visit&& visit) {
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    visit(text.substr(begin == 0 ? 0 : begin - 1, begin == 0 ? 0 : 1), text.substr(begin, end - begin));
    if (end == text.size()) return;
    begin = end + 1;
  }
}

bool is_sensitive_piece(std::string_view piece) {
  const std::size_t equals = piece.find('=');
  return equals != std::string_view::npos && is_sensitive_parameter(percent_decode(piece.substr(0, equals), true));
}

bool has_user_information(std::string_view text) noexcept {
  const std::size_t slashes = text.find("://");
  if (slashes == std::string_view::npos) return false;
  const std::string_view authority = text.substr(slashes + 3);
  return authority.substr(0, authority.find_first_of("/\\?#")).find('@') != std::string_view::npos;
}

/// True when what `text` is decoded to has something sensitive of its own, as a URL or a form has.
bool holds_sensitive_parameter(std::string_view text) {
  const std::string decoded = percent_decode(text, true);
  bool holds = has_user_information(decoded);
  for_each_piece(decoded, "?&;#/", [&](std::string_view, std::string_view piece) {
    // Which decodes the name again, as it may have been encoded with its value.
    holds = holds || is_sensitive_piece(piece);
  });
  return holds;
}

void append_redacted(std::string& out, std::string_view piece) {
  const std::size_t equals = piece.find('=');
  if (equals == std::string_view::npos) {
    out += piece;
    return;
  }
  const std::string_view value = piece.substr(equals + 1);
  out += piece.substr(0, equals + 1);
  out += is_sensitive_piece(piece) || holds_sensitive_parameter(value) ? kRedacted : value;
}

/// `separator` parts pieces, each of which may be parted again by ';'. A sensitive value extends to the separator,
/// since not everybody parts it by ';'.
std::string redact_pieces(std::string_view encoded, std::string_view separator) {
  std::string redacted;
  for_each_piece(encoded, separator, [&](std::string_view before, std::string_view piece) {
    redacted += before;
    bool is_hidden = false;
    for_each_piece(piece, ";", [&](std::string_view semicolon, std::string_view part) {
      if (is_hidden) return;
      redacted += semicolon;
      append_redacted(redacted, part);
      is_hidden = is_sensitive_piece(part);
    });
  });
  return redacted;
}

}  // namespace

bool is_sensitive_parameter(std::string_view name) {
  // Names as they are without separators: sig, but not design.
  static constexpr std::array<std::string_view, 17> kWhole = {"auth", "code", "hmac", "key",    "mac", "nonce",
                                                              "otp",  "pass", "pin",  "pwd",    "sas", "session",
                                                              "sid",  "sign", "sig",  "ticket", "pw"};
  // What stands in a name anywhere, as in X-Amz-Security-Token or user[password].
  static constexpr std::array<std::string_view, 17> kAnywhere = {
      "token",     "passw",        "secret",        "signature",  "credential",     "apikey",
      "accesskey", "authkey",      "privatekey",    "sessionid",  "sessid",         "jwt",
      "assertion", "samlresponse", "authorization", "passphrase", "subscriptionkey"};
  std::string plain;
  for (const char c : name) {
    if (is_alpha(c) || is_digit(c)) plain += to_lower(c);
  }
  return std::find(kWhole.begin(), kWhole.end(), plain) != kWhole.end() ||
         std::any_of(kAnywhere.begin(), kAnywhere.end(),
                     [&](std::string_view part) { return plain.find(part) != std::string::npos; });
}

std::string redact_parameters(std::string_view encoded) { return redact_pieces(encoded, "&"); }

std::string redact_url(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const std::size_t question = std::min(url.find('?'), url.size());
  std::string_view path = url.substr(0, question);
  std::string redacted;
  const std::size_t slashes = path.find("//");
  // The authority of an absolute URL, or of one without scheme.
  if (slashes != std::string_view::npos && (slashes == 0 || path[slashes - 1] == ':')) {
    const std::size_t begin = slashes + 2;
    const std::size_t end = std::min(path.find_first_of("/\\", begin), path.size());
    const std::size_t at = path.substr(0, end).rfind('@');
    redacted += path.substr(0, begin);
    const std::size_t host = at != std::string_view::npos && at >= begin ? at + 1 : begin;
    redacted += path.substr(host, end - host);
    path.remove_prefix(end);
  }
  redacted += redact_pieces(path, "/");
  if (question < url.size()) {
    redacted += '?';
    redacted += redact_parameters(url.substr(question + 1));
  }
  return redacted;
}

}  // namespace okhttp::internal
