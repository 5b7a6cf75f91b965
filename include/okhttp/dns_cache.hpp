#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/dns.hpp>
#include <okhttp/function.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace okhttp {

/// How long a DnsCache keeps what.
struct OKHTTP_API DnsCacheOptions {
  DnsCacheOptions() = default;
  /// For answers that do not say how long they hold, as the system's never do. 0 keeps none of them.
  std::chrono::milliseconds time_to_live = std::chrono::seconds(30);
  /// The most for answers that do say it.
  std::chrono::milliseconds max_time_to_live = std::chrono::hours(1);
  /// For names that do not exist. 0 keeps none of them. A lookup that failed for another reason is never kept.
  std::chrono::milliseconds negative_time_to_live = std::chrono::seconds(10);
  /// Names kept at a time; the one that was not asked for the longest goes first.
  std::size_t max_entries = 1000;
  /// The time; a steady clock unless set. Called on any thread.
  std::function<std::chrono::steady_clock::time_point()> clock;
};

/// Remembers what another Dns answered, that a name does not exist included. Safe from any thread.
class OKHTTP_API DnsCache final : public Dns {
 public:
  /// Throws std::invalid_argument when `source` is null, a time is below 0, or no entry is allowed.
  explicit DnsCache(std::shared_ptr<Dns> source, DnsCacheOptions options = DnsCacheOptions());
  ~DnsCache() override;

  [[nodiscard]] std::vector<IpAddress> lookup(const std::string& host) override;
  /// With the time that is left.
  [[nodiscard]] DnsAnswer lookup_answer(const std::string& host) override;
  [[nodiscard]] std::optional<std::vector<IpAddress>> at_hand(const std::string& host, std::uint16_t port) override;

  /// Forgets everything, as after a change of network. Lookups that are under way are not kept either.
  void clear();
  /// Names that are kept, those that are out of date and not yet dropped included.
  [[nodiscard]] std::size_t size() const;

 private:
  struct State;
  friend class Dns;
  const std::unique_ptr<State> state_;
};

}  // namespace okhttp
