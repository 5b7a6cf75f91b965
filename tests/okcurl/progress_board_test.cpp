#include "okcurl/progress_board.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace okcurl {
namespace {

using std::chrono::seconds;
using State = ProgressBoard::State;

TEST(ProgressBoardTest, TellsOfAllTransfersWhenTheirSizesAreKnown) {
  State state;
  state.running = 2;
  state.over = 1;
  state.bytes = 16U << 20;
  state.total = 64U << 20;
  EXPECT_EQ(ProgressBoard::line(state, seconds(4)),
            "1 of 3 done, 2 running: 16.0 MiB of 64.0 MiB (25 %), 4.0 MiB/s, 12 s left");
}

TEST(ProgressBoardTest, TellsNoShareWhileSomeHaveNotBegun) {
  State state;
  state.waiting = 7;
  state.running = 2;
  state.over = 1;
  state.bytes = 2048;
  state.total = 4096;
  EXPECT_EQ(ProgressBoard::line(state, seconds(2)), "1 of 10 done, 2 running: 2.0 KiB, 1.0 KiB/s");
}

TEST(ProgressBoardTest, TellsNoShareWhenASizeIsNotKnown) {
  State state;
  state.running = 2;
  state.unknown = 1;
  state.bytes = 2048;
  state.total = 4096;
  EXPECT_EQ(ProgressBoard::line(state, seconds(2)), "0 of 2 done, 2 running: 2.0 KiB, 1.0 KiB/s");
}

TEST(ProgressBoardTest, ShowsNothingOfWhatIsOverSoon) {
  std::string shown;
  {
    ProgressBoard board(1, [&shown](std::string_view line) { shown += line; });
    ProgressBoard::Part part(board);
    part.begin(100);
    part.advance(100);
  }
  EXPECT_EQ(shown, "");
}

}  // namespace
}  // namespace okcurl
