#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/ip_address.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace okhttp {

/// What a lookup found: at least one address, in the order in which they should be tried.
struct OKHTTP_API DnsAnswer {
  DnsAnswer() = default;
  explicit DnsAnswer(std::vector<IpAddress> found, std::optional<std::chrono::seconds> lasts = std::nullopt)
      : addresses(std::move(found)), time_to_live(lasts) {}
  std::vector<IpAddress> addresses;
  /// How long they hold; nothing when the resolver does not say.
  std::optional<std::chrono::seconds> time_to_live;
};

/// A name whose addresses are given, not looked up: for Dns::fixed().
struct OKHTTP_API FixedHost {
  FixedHost() = default;
  FixedHost(std::string name, std::vector<IpAddress> given, std::uint16_t port_number = 0)
      : host(std::move(name)), addresses(std::move(given)), port(port_number) {}
  std::string host;                  ///< "example.com"; "*" is every name that has no entry of its own
  std::vector<IpAddress> addresses;  ///< none: there is no such host
  std::uint16_t port = 0;            ///< only for calls to that port; 0 is every port
};

/// Turns a host name into addresses. Address literals are never looked up.
///
/// Threads: lookup() and lookup_answer() are called on threads of the library's own, several at once, and may block. A
/// call that is canceled or out of time does not wait for them. Calls of one client that need the same name at the same
/// time share one lookup, so a name that hangs takes one thread; a client has 16, and further lookups wait until one is
/// free.
class OKHTTP_API Dns {
 public:
  Dns() = default;
  Dns(const Dns&) = delete;
  Dns& operator=(const Dns&) = delete;
  virtual ~Dns() = default;

  /// The addresses in the order in which they should be tried. Throws Error(Errc::unknown_host) when there are none:
  /// one with a system_error() or a cause() when the resolver failed, one without when it is sure that there is no such
  /// host.
  [[nodiscard]] virtual std::vector<IpAddress> lookup(const std::string& host) = 0;

  /// The same with the time that the answer holds, for a DnsCache in front. The default asks lookup().
  [[nodiscard]] virtual DnsAnswer lookup_answer(const std::string& host);

  /// What is known without waiting, or nothing. Called on whatever runs the call, before a thread is taken for
  /// lookup_answer(), so it must not block. Throws Error(Errc::unknown_host) when it is known that there is no such
  /// host. The port is the one that will be connected to. The default knows nothing.
  [[nodiscard]] virtual std::optional<std::vector<IpAddress>> at_hand(const std::string& host, std::uint16_t port);

  /// The operating system's resolver (getaddrinfo), asked each time.
  [[nodiscard]] static std::shared_ptr<Dns> system();

  /// What a Client uses unless told otherwise: system() behind a DnsCache with the default options, one for the whole
  /// process.
  [[nodiscard]] static std::shared_ptr<Dns> system_cached();

  /// Answers for these hosts, and asks `otherwise` for all others; null knows no others. The first entry that fits
  /// counts: one for host and port before one for the host, and "*" last. Throws std::invalid_argument for an entry
  /// whose host is empty or an address literal.
  [[nodiscard]] static std::shared_ptr<Dns> fixed(std::vector<FixedHost> hosts,
                                                  std::shared_ptr<Dns> otherwise = nullptr);
};

}  // namespace okhttp
