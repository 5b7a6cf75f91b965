#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "call/dispatched_call.hpp"

namespace okhttp::internal {

/// The calls to one host: those that wait, in order, and how many run.
struct DispatchHost {
  static constexpr std::size_t kNotEligible = std::numeric_limits<std::size_t>::max();

  const std::string* name = nullptr;  // null for the calls that have no limit per host
  IntrusiveList<DispatchEntry, &DispatchEntry::turn> ready;
  std::size_t running = 0;
  std::size_t heap_index = kNotEligible;  // in EligibleHosts
  ListHook<DispatchHost> unused;          // among the hosts without calls

  [[nodiscard]] bool is_used() const noexcept { return running > 0 || !ready.empty(); }
};

/// The hosts whose first waiting call may run as soon as there is a place, that which has waited longest first.
///
/// A binary heap of hosts that know their index in it, so that any of them can be moved or taken out.
class EligibleHosts {
 public:
  /// Makes room for as many hosts, so that update() never allocates.
  void reserve(std::size_t hosts);

  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  /// Requires: !empty().
  [[nodiscard]] DispatchHost& first() const noexcept { return *heap_.front(); }
  /// Puts `host` in, takes it out, or moves it after its first waiting call changed. Requires: an eligible host has
  /// one.
  void update(DispatchHost& host, bool eligible) noexcept;

 private:
  void remove(std::size_t index) noexcept;
  void put(std::size_t index, DispatchHost& host) noexcept;
  void move_up(std::size_t index) noexcept;
  void move_down(std::size_t index) noexcept;

  std::vector<DispatchHost*> heap_;
};

}  // namespace okhttp::internal
