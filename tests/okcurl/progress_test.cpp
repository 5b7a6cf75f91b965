#include "okcurl/progress.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace okcurl {
namespace {

using std::chrono::seconds;

TEST(ProgressTest, TellsShareRateAndTimeLeftWhenTheSizeIsKnown) {
  EXPECT_EQ(Progress::line(16U << 20, 64U << 20, seconds(4)), "16.0 MiB of 64.0 MiB (25 %), 4.0 MiB/s, 12 s left");
}

TEST(ProgressTest, TellsWhatItKnowsWhenTheSizeIsNotKnown) {
  EXPECT_EQ(Progress::line(2048, std::nullopt, seconds(2)), "2.0 KiB, 1.0 KiB/s");
  EXPECT_EQ(Progress::line(10, 5, seconds(1)), "10 B, 10 B/s");
}

TEST(ProgressTest, NothingYetIsNoDivisionByZero) {
  EXPECT_EQ(Progress::line(0, 100, seconds(0)), "0 B of 100 B (0 %), 0 B/s");
}

}  // namespace
}  // namespace okcurl
