#include "runtime/call_context.hpp"

#include <okhttp/error.hpp>

#include <gtest/gtest.h>

#include <latch>
#include <memory>
#include <optional>
#include <string>

#include "runtime/loop.hpp"
#include "runtime/loop_provider.hpp"
#include "support/engines.hpp"

namespace okhttp::internal {
namespace {

class CallContextTest : public testing::Test {
 protected:
  void follow_on(Loop& loop) {
    const auto body = [this]() -> Task<void> {
      context_.follow_current_engine();
      co_return;
    };
    wait_for(start(on_engine(loop, body())));
  }

  std::shared_ptr<LoopProvider> loops_ = std::make_shared<LoopProvider>("own loop");
  CallContext context_{loops_};
  std::shared_ptr<Loop> foreign_ = Loop::start("another's loop");
  const std::weak_ptr<Loop> watched_ = foreign_;
};

TEST_F(CallContextTest, KeepsAnothersLoopRunningForAsLongAsItStaysThere) {
  follow_on(*foreign_);
  foreign_.reset();
  ASSERT_FALSE(watched_.expired());
  EXPECT_EQ(&context_.engine(), watched_.lock().get());
  // Tells the loop, whose last client is gone.
  EXPECT_TRUE(context_.cancellation->request());
  follow_on(*loops_->get());
  EXPECT_TRUE(watched_.expired());
}

TEST_F(CallContextTest, LetsGoOfAnothersLoopWhenNothingRunsItAnyMore) {
  follow_on(*foreign_);
  foreign_.reset();
  context_.detach();
  EXPECT_TRUE(watched_.expired());
  EXPECT_TRUE(context_.cancellation->request());
}

TEST_F(CallContextTest, LetsGoOfAnothersLoopWithItsEnd) {
  const std::shared_ptr<Cancellation> cancellation = [this] {
    CallContext passing(loops_);
    const auto body = [&passing]() -> Task<void> {
      passing.follow_current_engine();
      co_return;
    };
    wait_for(start(on_engine(*foreign_, body())));
    return passing.cancellation;
  }();
  foreign_.reset();
  EXPECT_TRUE(watched_.expired());
  EXPECT_TRUE(cancellation->request());
}

TEST_F(CallContextTest, LetsGoOfAnothersLoopWhenItGoesHome) {
  context_.attach(*loops_->get());
  follow_on(*foreign_);
  foreign_.reset();
  context_.go_home();
  EXPECT_TRUE(watched_.expired());
}

TEST_F(CallContextTest, DoesNotGoToALoopThatIsAtItsEnd) {
  std::optional<Errc> how;
  std::latch parked(1);
  std::latch done(1);
  const auto body = [&]() -> Task<void> {
    Loop& loop = *foreign_;
    parked.count_down();
    Sleep until_the_end(loop, WaitTerms());
    (void)co_await until_the_end;
    try {
      context_.follow_current_engine();
    } catch (const Error& error) {
      how = error.errc();
    }
    done.count_down();
  };
  (void)start(on_engine(*foreign_, body()));
  parked.wait();
  foreign_.reset();
  done.wait();
  EXPECT_EQ(how, Errc::canceled);
  EXPECT_FALSE(context_.runs_here());
}

}  // namespace
}  // namespace okhttp::internal
