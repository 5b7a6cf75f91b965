#include "okcurl/target.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "okcurl/exit_code.hpp"

namespace okcurl {
namespace {

using okhttp::Url;

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// "ftp" of "ftp://host"; nothing where no scheme stands.
std::optional<std::string> scheme_of(std::string_view text, std::string_view mark) {
  const std::size_t end = text.find(mark);
  if (end == std::string_view::npos || end == 0 || !is_alpha(text.front())) return std::nullopt;
  std::string scheme(text.substr(0, end));
  for (char& c : scheme) {
    const bool is_valid = is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (!is_valid) return std::nullopt;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return scheme;
}

void check_scheme(const std::string& scheme) {
  if (scheme != "http" && scheme != "https") {
    throw Failure(ExitCode::unsupported_protocol, "Protocol \"" + scheme + "\" not supported");
  }
}

void check_text(std::string_view text, bool no_globbing) {
  if (text.empty()) throw Failure(ExitCode::url_malformed, "URL using bad/illegal format or missing URL");
  const bool has_blank = std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f;
  });
  if (has_blank) throw Failure(ExitCode::url_malformed, "URL rejected: it has a space or a control character in it");
  if (no_globbing) return;
  // An IPv6 address stands in brackets, which are no pattern.
  const std::size_t host = text.find("//");
  const std::size_t path = text.find('/', host == std::string_view::npos ? 0 : host + 2);
  const bool has_pattern = text.find_first_of("{}") != std::string_view::npos ||
                           (path != std::string_view::npos && text.find_first_of("[]", path) != std::string_view::npos);
  if (has_pattern) {
    throw Failure(ExitCode::url_malformed,
                  "URL patterns with [] or {} are not supported; -g (--globoff) takes the URL as it is");
  }
}

Target split(const Url& url) {
  Target target{url, std::nullopt, {}};
  if (url.encoded_username().empty() && url.encoded_password().empty()) return target;
  target.user = url.username();
  target.password = url.password();
  target.url = url.new_builder().encoded_username("").encoded_password("").build();
  return target;
}

}  // namespace

Target parse_target(std::string_view text, bool no_globbing) {
  check_text(text, no_globbing);
  std::string whole(text);
  if (const auto scheme = scheme_of(text, "://")) {
    check_scheme(*scheme);
  } else {
    whole.insert(0, "http://");
  }
  try {
    return split(Url::parse(whole));
  } catch (const std::invalid_argument& error) {
    throw Failure(ExitCode::url_malformed, error.what());
  }
}

Target resolve_target(const Url& from, std::string_view location) {
  if (const auto scheme = scheme_of(location, ":"); scheme.has_value() && location.find("://") == scheme->size()) {
    check_scheme(*scheme);
  }
  std::optional<Url> url = from.resolve(location);
  if (!url.has_value()) throw Failure(ExitCode::url_malformed, "the server redirected to what is no URL");
  check_scheme(std::string(url->scheme()));
  // RFC 9110 §10.2.2: a redirection without a fragment inherits that of the reference it answers.
  if (!url->encoded_fragment().has_value() && from.encoded_fragment().has_value()) {
    url = url->new_builder().encoded_fragment(from.encoded_fragment()).build();
  }
  return split(*url);
}

std::string remote_name(std::string_view text) {
  if (const std::size_t end = text.find_first_of("?#"); end != std::string_view::npos) text = text.substr(0, end);
  if (const std::size_t mark = text.find("://"); mark != std::string_view::npos) text.remove_prefix(mark + 3);
  const std::size_t slash = text.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
  if (name.empty()) throw Failure(ExitCode::write_error, "Remote file name has no length");
  return std::string(name);
}

bool same_origin(const Url& a, const Url& b) {
  return a.scheme() == b.scheme() && a.host() == b.host() && a.port() == b.port();
}

}  // namespace okcurl
