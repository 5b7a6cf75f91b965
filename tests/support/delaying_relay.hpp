#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <thread>

namespace okhttp::testing {

/// A relay before a server on the loopback, with the delay of a long way and the capacity of a wide one: what comes in
/// goes out `delay` later, in both directions, and nothing is held back for want of room. One thread.
class DelayingRelay final {
 public:
  /// Throws std::system_error when there is no socket to be had.
  DelayingRelay(std::uint16_t server_port, std::chrono::milliseconds delay);
  DelayingRelay(const DelayingRelay&) = delete;
  DelayingRelay& operator=(const DelayingRelay&) = delete;
  ~DelayingRelay();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// The most that was on its way to clients, of all connections together, at any one time.
  [[nodiscard]] std::size_t most_under_way_to_clients() const noexcept { return most_to_clients_; }
  [[nodiscard]] std::size_t most_under_way_to_servers() const noexcept { return most_to_servers_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Piece {
    Clock::time_point due;
    std::string bytes;
  };
  /// From one socket to the other.
  struct Direction {
    int from = -1;
    int to = -1;
    std::deque<Piece> pieces;
    std::size_t sent_of_first = 0;
    std::size_t under_way = 0;
    bool has_ended = false;  // `from` sends no more
    bool is_shut = false;    // and `to` knows
  };
  struct Pair {
    Direction to_server;
    Direction to_client;
  };

  void run();
  void accept_one();
  /// How long until something is due, in milliseconds; -1 when nothing is under way.
  [[nodiscard]] int patience() const;
  void receive(Direction& direction, std::atomic<std::size_t>& most);
  void send_what_is_due(Direction& direction);
  static void close_pair(Pair& pair) noexcept;

  const std::uint16_t server_port_;
  const std::chrono::milliseconds delay_;
  int listener_ = -1;
  int stop_ = -1;
  std::uint16_t port_ = 0;
  std::list<Pair> pairs_;
  std::string buffer_;
  std::atomic<std::size_t> most_to_clients_{0};
  std::atomic<std::size_t> most_to_servers_{0};
  std::thread thread_;
};

}  // namespace okhttp::testing
