#include <okhttp/error.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace okhttp {
namespace {

TEST(ErrorTest, CodeComparesAsAnErrorCode) {
  const Error error(Errc::timeout, "the call took longer than 3s");
  EXPECT_TRUE(error.code() == Errc::timeout);
  EXPECT_FALSE(error.code() == Errc::canceled);
  EXPECT_EQ(error.errc(), Errc::timeout);
  EXPECT_STREQ(error.code().category().name(), "okhttp");
  EXPECT_EQ(error.code().message(), "timeout");
}

TEST(ErrorTest, TimeOutsAndCancellationMatchTheStandardConditions) {
  for (const Errc code : {Errc::timeout, Errc::connect_timeout, Errc::read_timeout, Errc::write_timeout}) {
    EXPECT_TRUE(make_error_code(code) == std::errc::timed_out);
  }
  EXPECT_TRUE(make_error_code(Errc::canceled) == std::errc::operation_canceled);
  EXPECT_FALSE(make_error_code(Errc::io) == std::errc::timed_out);
}

TEST(ErrorTest, EveryCodeHasItsOwnName) {
  std::set<std::string_view> names;
  for (int value = static_cast<int>(Errc::canceled); value <= static_cast<int>(Errc::io); ++value) {
    names.insert(to_string(static_cast<Errc>(value)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Errc::io));
  EXPECT_FALSE(names.contains("unknown"));
  EXPECT_EQ(to_string(static_cast<Errc>(0)), "unknown");
}

TEST(ErrorTest, BlameFollowsTheCodeUnlessGiven) {
  EXPECT_EQ(Error(Errc::canceled, "").blame(), Blame::caller);
  EXPECT_EQ(Error(Errc::protocol_error, "").blame(), Blame::peer);
  EXPECT_EQ(Error(Errc::connection_closed, "").blame(), Blame::network);
  EXPECT_EQ(Error(Errc::protocol_error, Blame::library, "").blame(), Blame::library);
}

TEST(ErrorTest, OperatingSystemsErrorIsKeptAndShown) {
  const std::error_code refused = std::make_error_code(std::errc::connection_refused);
  const Error error(Errc::connect_failed, Blame::network, "connect to 192.0.2.1:80", refused);
  EXPECT_EQ(error.system_error(), refused);
  EXPECT_EQ(error.what(), "connect to 192.0.2.1:80: " + refused.message());
}

TEST(ErrorTest, CauseCanBeThrownAgain) {
  const Error error(Errc::io, Blame::library, "outer", std::make_exception_ptr(std::runtime_error("inner")));
  EXPECT_THROW(std::rethrow_exception(error.cause()), std::runtime_error);
  EXPECT_EQ(Error(Errc::io, "").cause(), nullptr);
}

TEST(ErrorTest, EarlierAttemptsAreListedOldestFirst) {
  const Error last(Errc::connect_failed, "last");
  const Error second = last.with_attempts({Attempt("b", "refused")});
  const Error first = second.with_attempts({Attempt("a", "timed out")});
  ASSERT_EQ(first.attempts().size(), 2U);
  EXPECT_EQ(first.attempts()[0].route, "a");
  EXPECT_EQ(first.attempts()[1].failure, "refused");
  EXPECT_STREQ(first.what(), "last; earlier attempts: a: timed out; b: refused");
  EXPECT_STREQ(last.what(), "last");
  EXPECT_EQ(first.errc(), Errc::connect_failed);
}

TEST(ErrorTest, CopiesShareTheirContent) {
  const Error error(Errc::io, "text");
  const Error copy = error;
  EXPECT_EQ(&copy.attempts(), &error.attempts());
  EXPECT_STREQ(copy.what(), "text");
}

}  // namespace
}  // namespace okhttp
