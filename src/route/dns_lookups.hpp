#pragma once

#include <okhttp/dns.hpp>
#include <okhttp/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/engine.hpp"
#include "runtime/wait.hpp"

namespace okhttp::internal {

/// A client's lookups: on threads of its own, since a resolver may block for long.
///
/// What is at hand takes no thread. Whoever needs a name that is being looked up waits for that lookup; it is nobody's
/// in particular, and goes on when the one that began it has left. With all threads taken further lookups wait in
/// order, and one that nobody waits for any more is not begun. So a resolver that hangs costs a thread for each name,
/// and memory only for those who wait.
///
/// Threads: any. Destroying it neither waits nor drops anything.
class DnsLookups final {
 public:
  DnsLookups(std::string thread_name, std::size_t max_threads, std::chrono::milliseconds keep_alive);
  DnsLookups(const DnsLookups&) = delete;
  DnsLookups& operator=(const DnsLookups&) = delete;
  ~DnsLookups();

  /// The addresses, on `engine`; rethrows what the resolver threw. Nothing when the deadline passed or the call was
  /// canceled first: `why` tells which. `engine`, `why` and this object outlive the task.
  Task<std::optional<std::vector<IpAddress>>> look_up(std::shared_ptr<Dns> dns, std::string host, std::uint16_t port,
                                                      Engine& engine, WaitTerms terms, WaitResult& why);

  /// Lookups that wait for a thread.
  [[nodiscard]] std::size_t queued_count() const;

 private:
  struct Lookup;
  class Place;
  struct Shared;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace okhttp::internal
