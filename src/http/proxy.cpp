#include <okhttp/proxy.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "http/ascii.hpp"
#include "http/percent_encoding.hpp"
#include "http/redact.hpp"
#include "http/url_host.hpp"

namespace okhttp {
namespace {

using Type = Proxy::Type;

struct Scheme {
  std::string_view name;
  Type type;
};
constexpr std::array<Scheme, 7> kSchemes = {{{"http", Type::http},
                                             {"https", Type::https},
                                             {"socks", Type::socks4},
                                             {"socks4", Type::socks4},
                                             {"socks4a", Type::socks4a},
                                             {"socks5", Type::socks5},
                                             {"socks5h", Type::socks5h}}};
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::uint16_t kOtherPort = 1080;

/// What became of a text: a proxy, or why it is none, in words that show no credentials.
struct Parsed {
  std::optional<Proxy> proxy;
  std::string problem;
};

Parsed malformed(std::string why) { return {std::nullopt, std::move(why)}; }

bool has_control(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

/// The canonical host without brackets; nothing when it is none.
std::optional<std::string> canonical_host(std::string_view text) {
  std::string bracketed;
  if (text.find(':') != std::string_view::npos && !text.starts_with('[')) {
    bracketed = '[' + std::string(text) + ']';
    text = bracketed;
  }
  std::string host;
  const internal::HostResult result = internal::append_host(host, text);
  if (result.problem != internal::UrlProblem::none || host.empty()) return std::nullopt;
  if (result.kind == internal::HostKind::ipv6) return host.substr(1, host.size() - 2);
  return host;
}

Parsed parse_text(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return c == ' ' || has_control({&c, 1}); })) {
    return malformed("it holds a space or a control character");
  }
  Type type = Type::http;
  if (const auto separator = text.find("://"); separator != std::string_view::npos) {
    const std::string_view name = text.substr(0, separator);
    const auto known = std::find_if(kSchemes.begin(), kSchemes.end(), [&](const Scheme& scheme) {
      return internal::equals_ignore_case_inline(scheme.name, name);
    });
    if (known == kSchemes.end())
      return malformed("its scheme is none of http, https, socks4, socks4a, socks5, socks5h");
    type = known->type;
    text.remove_prefix(separator + 3);
  }
  std::string user;
  std::string password;
  // A password may hold '@' as it is: the last one is what ends it, as in URLs.
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view credentials = text.substr(0, at);
    if (credentials.find_first_of("/?#\\") != std::string_view::npos) {
      return malformed("its user information holds one of /?#\\ that is not percent-encoded");
    }
    const auto colon = credentials.find(':');
    user = internal::percent_decode(credentials.substr(0, colon));
    if (colon != std::string_view::npos) password = internal::percent_decode(credentials.substr(colon + 1));
    if (has_control(user) || has_control(password)) return malformed("its user information holds a control character");
    text.remove_prefix(at + 1);
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.find_first_of("/?#\\") != std::string_view::npos) return malformed("something follows its host and port");

  std::uint16_t port = type == Type::https ? kHttpsPort : kOtherPort;
  const auto colon = text.rfind(':');
  const auto bracket = text.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::optional<std::uint16_t> given = parse_port(text.substr(colon + 1));
    if (!given.has_value()) return malformed("its port is no number from 1 to 65535");
    port = *given;
    text = text.substr(0, colon);
    if (text.find(':') != std::string_view::npos && bracket == std::string_view::npos) {
      return malformed("an IPv6 address needs brackets");
    }
  }
  if (!canonical_host(text).has_value()) return malformed("it names no host");
  return {Proxy(type, text, port, std::move(user), std::move(password)), {}};
}

}  // namespace

Proxy::Proxy(Type type, std::string_view host, std::uint16_t port, std::string user, std::string password)
    : type_(type), port_(port), user_(std::move(user)), password_(std::move(password)) {
  if (type == Type::direct) throw std::invalid_argument("Proxy: a direct one has no host");
  if (port == 0) throw std::invalid_argument("Proxy: the port must be above 0");
  if (has_control(user_) || has_control(password_)) {
    throw std::invalid_argument("Proxy: user name or password holds a control character");
  }
  std::optional<std::string> canonical = canonical_host(host);
  if (!canonical.has_value()) throw std::invalid_argument("Proxy: the host is none");
  host_ = std::move(*canonical);
}

Proxy Proxy::parse(std::string_view text) {
  Parsed parsed = parse_text(text);
  if (!parsed.proxy.has_value()) throw std::invalid_argument("Proxy: the text is no proxy: " + parsed.problem);
  return std::move(*parsed.proxy);
}

std::optional<Proxy> Proxy::try_parse(std::string_view text) { return parse_text(text).proxy; }

std::string Proxy::to_string() const {
  if (is_direct()) return "direct";
  std::string text(okhttp::to_string(type_));
  text += "://";
  if (has_credentials()) (text += internal::kRedacted) += '@';
  const bool is_ipv6 = host_.find(':') != std::string::npos;
  text += is_ipv6 ? '[' + host_ + ']' : host_;
  return text + ':' + std::to_string(port_);
}

std::string_view to_string(Proxy::Type type) noexcept {
  if (type == Type::direct) return "direct";
  // "socks" is another name of what follows it.
  const auto named = std::find_if(kSchemes.rbegin(), kSchemes.rend(), [&](const Scheme& s) { return s.type == type; });
  return named->name;
}

}  // namespace okhttp
