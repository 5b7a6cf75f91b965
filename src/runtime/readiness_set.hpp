#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/fork_mark.hpp"

namespace okhttp::internal {

class Wait;

/// The sockets that one loop watches: an epoll instance in edge-triggered mode. A socket is entered once, when the loop
/// adopts it; from then on readiness costs no system call of its own, as the last look is remembered in its entry.
///
/// Threads: add() and remove() from any thread, everything else on the loop's.
class ReadinessSet final {
 public:
  /// What the loop knows of one socket. Touched by the loop's thread alone while the socket is entered, but for
  /// `writable`: whoever shares a socket with the loop may find that it takes no more, and then has the loop try too.
  struct Entry {
    bool readable = false;               // an edge was seen and the socket was not read empty since
    std::atomic<bool> writable = false;  // the same for writing
    bool peer_done = false;              // the end or an error was announced: reads tell at once from now on
    Wait* reader = nullptr;
    Wait* writer = nullptr;
  };

  /// Throws std::system_error when the system has no descriptor left.
  ReadinessSet();
  ReadinessSet(const ReadinessSet&) = delete;
  ReadinessSet& operator=(const ReadinessSet&) = delete;
  ~ReadinessSet();

  [[nodiscard]] int descriptor() const noexcept { return epoll_; }

  /// Enters a descriptor; null when the system refuses. Present readiness is reported as the first edge.
  [[nodiscard]] Entry* add(int descriptor) noexcept;
  /// Takes a descriptor out. An event already fetched may still name the entry, so it is kept until the next collect().
  void remove(Entry& entry, int descriptor) noexcept;

  /// Fetches what became ready, without waiting, notes it in the entries, and appends the waits concerned to
  /// `signaled`.
  void collect(std::vector<Entry*>& signaled);

 private:
  int epoll_;
  const ForkMark mark_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Entry>> removed_;  // guarded by mutex_
};

}  // namespace okhttp::internal
