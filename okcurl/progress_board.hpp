#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "okcurl/progress.hpp"

namespace okcurl {

/// How far all transfers of a command line have come that run side by side, on one line. Any thread.
class ProgressBoard {
 public:
  using Clock = Progress::Clock;
  using Show = std::function<void(std::string_view line)>;

  /// `show` gets the line now and then, and an empty one at the end; an empty function: nothing is shown.
  ProgressBoard(std::size_t transfers, Show show) : show_(std::move(show)) { state_.waiting = transfers; }
  ProgressBoard(const ProgressBoard&) = delete;
  ProgressBoard& operator=(const ProgressBoard&) = delete;
  ~ProgressBoard();

  /// One transfer under way. Its thread's alone.
  class Part {
   public:
    explicit Part(ProgressBoard& board);
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    /// The transfer is over, well or badly.
    ~Part();

    /// A body of so many bytes comes; what came of an earlier try is forgotten.
    void begin(std::optional<std::uint64_t> total);
    void advance(std::uint64_t bytes);

   private:
    ProgressBoard& board_;
    std::uint64_t done_ = 0;
    std::optional<std::uint64_t> total_;
    bool has_begun_ = false;
  };

  /// What is known of all of them.
  struct State {
    std::size_t waiting = 0;
    std::size_t running = 0;
    std::size_t over = 0;
    std::size_t unknown = 0;  // whose bodies have no known length
    std::uint64_t bytes = 0;
    std::uint64_t total = 0;  // of those whose length is known
  };

  /// The line, as "3 of 10 done, 4 running: 12.0 MiB of 64.0 MiB (18 %), 4.0 MiB/s, 13 s left". The size of all is told
  /// once it is known of each.
  [[nodiscard]] static std::string line(const State& state, Clock::duration time);

 private:
  void show_now_and_then();

  const Show show_;
  const Clock::time_point start_ = Clock::now();
  std::mutex mutex_;  // guards what follows
  State state_;
  Clock::time_point next_ = start_ + std::chrono::seconds(1);
  bool is_shown_ = false;
};

}  // namespace okcurl
