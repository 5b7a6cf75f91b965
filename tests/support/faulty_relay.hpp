#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <thread>

#include "support/seeded_random.hpp"

namespace okhttp::testing {

/// How often what befalls a connection: one in so many; 0 is never.
struct Faults {
  // For each connection that comes in.
  std::size_t refused = 0;  // reset before anything is said
  std::size_t deaf = 0;     // accepted, and nothing more
  // For each read of what one side sent.
  std::size_t dropped = 0;  // closed in the middle of it, as by a peer that ends in order
  std::size_t reset = 0;    // reset in the middle of it
  std::size_t stalled = 0;  // neither that nor anything after it arrives, and nobody closes
  std::size_t delayed = 0;  // by up to longest_delay
  std::size_t split = 0;    // arrives in two parts
  std::chrono::milliseconds longest_delay{5};
};

/// A bad network before a server on the loopback. One thread; what happens is drawn from one seed, though with several
/// connections it depends on the scheduling which of them is struck.
class FaultyRelay final {
 public:
  /// Throws std::system_error when there is no socket to be had.
  FaultyRelay(std::uint16_t server_port, const Faults& faults, std::uint64_t seed);
  FaultyRelay(const FaultyRelay&) = delete;
  FaultyRelay& operator=(const FaultyRelay&) = delete;
  ~FaultyRelay();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// From now on nothing is struck any more; connections that are stalled or deaf remain so.
  void clear_up() noexcept { is_clear_ = true; }

  [[nodiscard]] std::size_t drops() const noexcept { return drops_; }
  [[nodiscard]] std::size_t resets() const noexcept { return resets_; }
  [[nodiscard]] std::size_t stalls() const noexcept { return stalls_; }
  [[nodiscard]] std::size_t delays() const noexcept { return delays_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Piece {
    Clock::time_point due;
    std::string bytes;  // empty: the end
  };
  struct Direction {
    int from = -1;
    int to = -1;
    std::deque<Piece> pieces;
    bool has_ended = false;   // `from` sends no more
    bool is_stalled = false;  // what `from` sends goes nowhere
    bool is_shut = false;     // `to` was told of the end
  };
  struct Pair {
    Direction to_server;
    Direction to_client;
    bool is_over = false;
  };

  void run();
  void accept_one();
  [[nodiscard]] int patience() const;
  void receive(Pair& pair, Direction& direction);
  void send_what_is_due(Pair& pair, Direction& direction);
  void strike(Pair& pair, Direction& direction, std::string bytes);
  [[nodiscard]] bool befalls(std::size_t one_in) noexcept;
  static void close_pair(Pair& pair, bool resetting) noexcept;

  const std::uint16_t server_port_;
  const Faults faults_;
  internal::SeededRandom random_;
  std::atomic<bool> is_clear_{false};
  std::atomic<std::size_t> drops_{0};
  std::atomic<std::size_t> resets_{0};
  std::atomic<std::size_t> stalls_{0};
  std::atomic<std::size_t> delays_{0};
  int listener_ = -1;
  int stop_ = -1;
  std::uint16_t port_ = 0;
  std::list<Pair> pairs_;
  std::string buffer_;
  std::thread thread_;
};

}  // namespace okhttp::testing
