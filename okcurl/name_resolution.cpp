#include "okcurl/name_resolution.hpp"

#include <okhttp/client.hpp>
#include <okhttp/dns_cache.hpp>
#include <okhttp/dns_over_https.hpp>
#include <okhttp/error.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "okcurl/exit_code.hpp"

namespace okcurl {
namespace {

using okhttp::Dns;
using okhttp::FixedHost;
using okhttp::IpAddress;
using std::string_view;

[[noreturn]] void refuse_syntax(string_view value) {
  throw Failure(ExitCode::option_syntax, "option --resolve: cannot parse '" + std::string(value) + "'");
}

[[noreturn]] void refuse_value(string_view value, string_view why) {
  throw Failure(ExitCode::usage, "option --resolve: '" + std::string(value) + "': " + std::string(why));
}

/// Takes what stands in front of the separator, and the separator; all of the text when there is none.
string_view take_until(string_view& text, char separator) {
  const string_view front = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(front.size() + 1, text.size()));
  return front;
}

std::uint16_t to_port(string_view text, string_view value) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  // 0 would be every port.
  if (error != std::errc() || end != text.data() + text.size() || port == 0) refuse_syntax(value);
  return port;
}

IpAddress to_address(string_view text, string_view value) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const std::optional<IpAddress> address = IpAddress::parse(text);
  if (!address.has_value()) refuse_syntax(value);
  return *address;
}

FixedHost parse_entry(string_view value, bool has_addresses) {
  string_view rest = value;
  if (!has_addresses) rest.remove_prefix(1);
  if (rest.starts_with('[')) refuse_value(value, "an address in a URL is never looked up");
  FixedHost entry;
  entry.host = std::string(take_until(rest, ':'));
  if (entry.host.empty()) refuse_syntax(value);
  if (IpAddress::parse(entry.host).has_value()) refuse_value(value, "an address in a URL is never looked up");
  entry.port = to_port(take_until(rest, ':'), value);
  if (!has_addresses) {
    if (!rest.empty()) refuse_syntax(value);
    return entry;
  }
  do {
    entry.addresses.push_back(to_address(take_until(rest, ','), value));
  } while (!rest.empty());
  return entry;
}

std::shared_ptr<Dns> make_doh(const Options& options, const okhttp::TlsConfig& tls, std::shared_ptr<Dns> bootstrap) {
  try {
    okhttp::Client::Builder client;
    client.tls(tls).dns(std::move(bootstrap));
    okhttp::DnsOverHttps::Builder resolver(*options.doh_url);
    resolver.client(client).post(true).resolve_private_addresses(true);
    // As in curl, this name alone does not go to the server.
    const FixedHost localhost("localhost", {IpAddress::loopback_v6(), IpAddress::loopback_v4()});
    return Dns::fixed({localhost}, std::make_shared<okhttp::DnsCache>(resolver.build()));
  } catch (const std::invalid_argument& error) {
    throw Failure(ExitCode::usage, "option --doh-url: " + std::string(error.what()));
  }
}

/// Takes the addresses of the other family away.
class OneFamily final : public Dns {
 public:
  OneFamily(bool is_v6, std::shared_ptr<Dns> names) : is_v6_(is_v6), names_(std::move(names)) {}

  std::vector<IpAddress> lookup(const std::string& host) override { return of_family(names_->lookup(host), host); }
  okhttp::DnsAnswer lookup_answer(const std::string& host) override {
    okhttp::DnsAnswer answer = names_->lookup_answer(host);
    answer.addresses = of_family(std::move(answer.addresses), host);
    return answer;
  }
  std::optional<std::vector<IpAddress>> at_hand(const std::string& host, std::uint16_t port) override {
    std::optional<std::vector<IpAddress>> known = names_->at_hand(host, port);
    if (known.has_value()) known = of_family(std::move(*known), host);
    return known;
  }

 private:
  [[nodiscard]] std::vector<IpAddress> of_family(std::vector<IpAddress> addresses, const std::string& host) const {
    std::erase_if(addresses, [this](const IpAddress& address) { return address.is_v6() != is_v6_; });
    if (!addresses.empty()) return addresses;
    throw okhttp::Error(okhttp::Errc::unknown_host, okhttp::Blame::network,
                        "the host " + host + " has no " + (is_v6_ ? "IPv6" : "IPv4") + " address");
  }

  const bool is_v6_;
  const std::shared_ptr<Dns> names_;
};

}  // namespace

std::vector<FixedHost> parse_resolve(const std::vector<std::string>& values) {
  std::vector<FixedHost> hosts;
  for (const std::string& value : values) {
    if (value.starts_with('+')) refuse_value(value, "an entry that times out is not supported");
    const bool adds = !value.starts_with('-');
    FixedHost entry = parse_entry(value, adds);
    std::erase_if(hosts, [&](const FixedHost& old) { return old.host == entry.host && old.port == entry.port; });
    if (adds) hosts.push_back(std::move(entry));
  }
  return hosts;
}

std::shared_ptr<Dns> make_dns(const Options& options, const okhttp::TlsConfig& doh_tls) {
  std::vector<FixedHost> hosts = parse_resolve(options.resolve);
  std::shared_ptr<Dns> dns = Dns::system_cached();
  const auto with_given = [&](std::shared_ptr<Dns> others) {
    return hosts.empty() ? others : Dns::fixed(hosts, std::move(others));
  };
  if (options.doh_url.has_value() && !options.doh_url->empty()) dns = make_doh(options, doh_tls, with_given(dns));
  dns = with_given(std::move(dns));
  if (options.family == AddressFamily::any) return dns;
  return std::make_shared<OneFamily>(options.family == AddressFamily::ipv6, std::move(dns));
}

}  // namespace okcurl
