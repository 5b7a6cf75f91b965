#include "okcurl/rate_limit.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace okcurl {
namespace {

using namespace std::chrono_literals;

const RateLimit::Clock::time_point kBegin{1h};

TEST(RateLimitTest, BytesPassNoFasterThanTheRate) {
  RateLimit limit(1000);
  EXPECT_EQ(limit.pause(500, kBegin), 500ms);
  EXPECT_EQ(limit.pause(100, kBegin + 500ms), 100ms);
  EXPECT_EQ(limit.pause(100, kBegin + 550ms), 150ms);
}

TEST(RateLimitTest, WhatWasNotUsedIsMadeUpForWithinOneSecond) {
  RateLimit limit(1000);
  EXPECT_EQ(limit.pause(1, kBegin), 1ms);
  EXPECT_EQ(limit.pause(600, kBegin + 10s), 0ms);
  EXPECT_EQ(limit.pause(600, kBegin + 10s), 200ms);
}

TEST(RateLimitTest, APieceIsATenthOfASecond) {
  EXPECT_EQ(RateLimit(1000).piece(4096), 100U);
  EXPECT_EQ(RateLimit(1).piece(4096), 1U);
  EXPECT_EQ(RateLimit(1U << 30).piece(4096), 4096U);
}

TEST(RateLimitTest, WithoutALimitNothingWaits) {
  RateLimit limit(0);
  EXPECT_EQ(limit.pause(1U << 30, kBegin), 0ms);
  EXPECT_EQ(limit.piece(4096), 4096U);
}

}  // namespace
}  // namespace okcurl
