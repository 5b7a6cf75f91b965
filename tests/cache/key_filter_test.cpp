#include <gtest/gtest.h>

#include <string>

#include "../../components/cache/key_filter.hpp"

namespace okhttp::sqlite {
namespace {

TEST(KeyFilterTest, WhatWasAddedIsThereAndHardlyAnythingElse) {
  KeyFilter filter(1000);
  for (int i = 0; i < 1000; ++i) filter.add("added " + std::to_string(i));
  int there = 0;
  int others = 0;
  for (int i = 0; i < 1000; ++i) {
    there += filter.may_have("added " + std::to_string(i)) ? 1 : 0;
    others += filter.may_have("other " + std::to_string(i)) ? 1 : 0;
  }
  EXPECT_EQ(there, 1000);
  EXPECT_LT(others, 100);
  EXPECT_FALSE(filter.is_full());
}

TEST(KeyFilterTest, ItIsFullWhenMuchMoreWasAddedThanItWasMadeFor) {
  KeyFilter filter(0);
  for (int i = 0; i < 3000; ++i) filter.add(std::to_string(i));
  EXPECT_TRUE(filter.is_full());
}

}  // namespace
}  // namespace okhttp::sqlite
