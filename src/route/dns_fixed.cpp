#include <okhttp/dns.hpp>
#include <okhttp/error.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "http/ascii.hpp"

namespace okhttp {
namespace {

class FixedDns final : public Dns {
 public:
  FixedDns(std::vector<FixedHost> hosts, std::shared_ptr<Dns> otherwise)
      : hosts_(std::move(hosts)), otherwise_(std::move(otherwise)) {
    for (const FixedHost& entry : hosts_) {
      if (entry.host.empty()) throw std::invalid_argument("Dns: a fixed host has no name");
      if (IpAddress::parse(entry.host).has_value()) {
        throw std::invalid_argument("Dns: " + entry.host + " is an address, which is never looked up");
      }
    }
  }

  std::vector<IpAddress> lookup(const std::string& host) override { return lookup_answer(host).addresses; }

  DnsAnswer lookup_answer(const std::string& host) override {
    if (const std::optional<IpAddress> literal = IpAddress::parse(host)) return DnsAnswer({*literal});
    if (const FixedHost* entry = find(host, 0)) return DnsAnswer(addresses_of(*entry, host));
    if (otherwise_ == nullptr) throw Error(Errc::unknown_host, Blame::caller, "no address is given for " + host);
    return otherwise_->lookup_answer(host);
  }

  std::optional<std::vector<IpAddress>> at_hand(const std::string& host, std::uint16_t port) override {
    if (const FixedHost* entry = find(host, port)) return addresses_of(*entry, host);
    if (otherwise_ == nullptr) return std::nullopt;
    return otherwise_->at_hand(host, port);
  }

 private:
  /// The rank of an entry for that host and port; 0 when it is for others.
  static int rank(const FixedHost& entry, const std::string& host, std::uint16_t port) {
    const bool is_any_host = entry.host == "*";
    if (!is_any_host && !internal::equals_ignore_case_inline(entry.host, host)) return 0;
    if (entry.port != 0 && entry.port != port) return 0;
    return (is_any_host ? 1 : 3) + (entry.port != 0 ? 1 : 0);
  }

  [[nodiscard]] const FixedHost* find(const std::string& host, std::uint16_t port) const {
    const FixedHost* best = nullptr;
    int best_rank = 0;
    for (const FixedHost& entry : hosts_) {
      const int its_rank = rank(entry, host, port);
      if (its_rank <= best_rank) continue;
      best = &entry;
      best_rank = its_rank;
    }
    return best;
  }

  static const std::vector<IpAddress>& addresses_of(const FixedHost& entry, const std::string& host) {
    if (entry.addresses.empty()) throw Error(Errc::unknown_host, Blame::caller, host + " is said not to exist");
    return entry.addresses;
  }

  const std::vector<FixedHost> hosts_;
  const std::shared_ptr<Dns> otherwise_;
};

}  // namespace

std::shared_ptr<Dns> Dns::fixed(std::vector<FixedHost> hosts, std::shared_ptr<Dns> otherwise) {
  return std::make_shared<FixedDns>(std::move(hosts), std::move(otherwise));
}

}  // namespace okhttp
