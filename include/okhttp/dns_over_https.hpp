#pragma once

#include <okhttp/client.hpp>
#include <okhttp/config.hpp>
#include <okhttp/dns.hpp>
#include <okhttp/url.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace okhttp {

/// Resolves names by asking a server over HTTPS (RFC 8484), so that nobody on the way sees or changes the answers.
///
/// Both questions of a name, for IPv6 and for IPv4 addresses, are asked at once. Names that only a local network knows
/// are not sent. Nothing is kept: put a DnsCache in front, which then keeps each answer for as long as it says.
///
///     auto resolver = DnsOverHttps::Builder("https://dns.example/dns-query").bootstrap_addresses({...}).build();
///     Client client = Client::Builder().dns(std::make_shared<DnsCache>(resolver)).build();
class OKHTTP_API DnsOverHttps final : public Dns {
 public:
  class Builder;

  /// The longest answer that is read.
  static constexpr std::size_t kMaxResponseBytes = 64 * 1024;

  ~DnsOverHttps() override;

  [[nodiscard]] std::vector<IpAddress> lookup(const std::string& host) override;
  [[nodiscard]] DnsAnswer lookup_answer(const std::string& host) override;

  [[nodiscard]] const Url& url() const noexcept;
  [[nodiscard]] bool include_ipv6() const noexcept;
  [[nodiscard]] bool uses_post() const noexcept;
  [[nodiscard]] bool resolve_private_addresses() const noexcept;

 private:
  struct State;
  explicit DnsOverHttps(std::unique_ptr<const State> state) noexcept;
  const std::unique_ptr<const State> state_;
};

/// Collects a DnsOverHttps. Not thread-safe.
class OKHTTP_API DnsOverHttps::Builder {
 public:
  /// Where to ask. Throws std::invalid_argument for what is no https URL.
  explicit Builder(Url url);
  explicit Builder(const std::string& url);

  /// How to ask: TLS, timeouts, interceptors, listeners. The resolver's client has a pool, a dispatcher and a loop of
  /// its own, whatever these settings were derived from, and takes at most 10 s for a question unless a call timeout is
  /// set.
  Builder& client(const Client::Builder& settings);
  /// The addresses of the resolver itself, so that its own name needs no lookup. Otherwise the Dns of client() finds
  /// them, which is the system's unless set.
  Builder& bootstrap_addresses(std::vector<IpAddress> addresses);
  /// Whether IPv6 addresses are asked for too; so by default.
  Builder& include_ipv6(bool include);
  /// Asks with POST instead of GET, whose answers HTTP caches can keep.
  Builder& post(bool post);
  /// Whether names are sent that only a local network can know: those of one label, and those that end in .local,
  /// .localhost, .internal, .home.arpa or .onion. Not by default: they are refused with Errc::unknown_host.
  Builder& resolve_private_addresses(bool resolve);

  [[nodiscard]] std::shared_ptr<DnsOverHttps> build() const;

 private:
  Url url_;
  Client::Builder client_;
  std::vector<IpAddress> bootstrap_;
  bool include_ipv6_ = true;
  bool post_ = false;
  bool resolve_private_ = false;
};

}  // namespace okhttp
