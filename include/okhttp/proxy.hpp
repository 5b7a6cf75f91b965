#pragma once

#include <okhttp/config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace okhttp {

/// A server that connections go through, or none ("direct"). A plain value.
///
/// User name and password are part of what makes two proxies equal, and so of what decides which connections are
/// shared. They are never printed.
class OKHTTP_API Proxy {
 public:
  enum class Type : std::uint8_t {
    direct,   ///< no proxy
    http,     ///< plain http in absolute form, https in CONNECT tunnels
    https,    ///< the same, with TLS to the proxy itself
    socks4,   ///< IPv4 alone; names are resolved here
    socks4a,  ///< the proxy resolves names
    socks5,   ///< names are resolved here
    socks5h,  ///< the proxy resolves names
  };

  /// No proxy.
  Proxy() noexcept = default;
  [[nodiscard]] static Proxy direct() noexcept { return Proxy(); }
  /// `host` is a domain or an address literal, IPv6 with or without brackets; it is put into the form of Url::host().
  /// Throws std::invalid_argument for a direct proxy, for what is no host, for port 0, and for a user name or password
  /// with a control character.
  Proxy(Type type, std::string_view host, std::uint16_t port, std::string user = {}, std::string password = {});

  /// Reads "http://user:password@host:3128", "socks5h://host", or "host:3128", which means http. Schemes are http,
  /// https, socks4, socks4a, socks5, socks5h, and socks for socks4, as curl has it. User name and password are
  /// percent-encoded. Without a port it is 443 for https and else 1080, also as curl has it.
  ///
  /// Throws std::invalid_argument, which never shows user name or password, for anything else: also for a path, a
  /// query, a space or a control character, encoded ones included.
  [[nodiscard]] static Proxy parse(std::string_view text);
  /// As parse, but returns nothing where parse would throw.
  [[nodiscard]] static std::optional<Proxy> try_parse(std::string_view text);

  [[nodiscard]] Type type() const noexcept { return type_; }
  [[nodiscard]] bool is_direct() const noexcept { return type_ == Type::direct; }
  /// http or https.
  [[nodiscard]] bool is_http() const noexcept { return type_ == Type::http || type_ == Type::https; }
  [[nodiscard]] bool is_socks() const noexcept { return type_ >= Type::socks4; }
  /// True when the proxy is given the host's name instead of its address.
  [[nodiscard]] bool resolves_names() const noexcept {
    return is_http() || type_ == Type::socks4a || type_ == Type::socks5h;
  }

  /// The proxy's own host, without brackets; empty when direct.
  [[nodiscard]] const std::string& host() const noexcept { return host_; }
  /// 0 when direct.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] const std::string& user() const noexcept { return user_; }
  [[nodiscard]] const std::string& password() const noexcept { return password_; }
  [[nodiscard]] bool has_credentials() const noexcept { return !user_.empty() || !password_.empty(); }

  /// "http://host:3128", with "██@" in front of the host when there are credentials; "direct".
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Proxy&, const Proxy&) noexcept = default;

 private:
  Type type_ = Type::direct;
  std::uint16_t port_ = 0;
  std::string host_;
  std::string user_;
  std::string password_;
};

/// "direct", "http", "socks5h" and so on.
[[nodiscard]] OKHTTP_API std::string_view to_string(Proxy::Type type) noexcept;

}  // namespace okhttp
