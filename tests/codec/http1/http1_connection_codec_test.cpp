#include "codec/http1/http1_connection_codec.hpp"

#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "runtime/call_context.hpp"
#include "support/manual_engine.hpp"
#include "support/memory_stream.hpp"

namespace okhttp::internal {
namespace {

class Http1ConnectionCodecTest : public testing::Test {
 protected:
  Http1ConnectionCodecTest() { context_->attach(engine_); }

  void answer(const std::string& text) {
    const ConstBytes piece = as_bytes(text);
    ASSERT_TRUE(ends_.second->try_write(std::span(&piece, 1)).ok());
  }
  ExchangeCodecPtr ask() {
    ExchangeCodecPtr codec = connection_.begin(context_);
    codec->write_request_headers(Request::Builder().url("http://server/").build());
    engine_.run(codec->finish_request());
    return codec;
  }

  ManualEngine engine_;
  MemorySocket::Ends ends_ = MemorySocket::make_pair();
  std::shared_ptr<CallContext> context_ = std::make_shared<CallContext>(nullptr);
  Http1ConnectionCodec connection_{std::move(ends_.first), "server:80"};
};

TEST_F(Http1ConnectionCodecTest, CarriesOneExchangeAfterAnother) {
  EXPECT_EQ(connection_.max_exchanges(), 1U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(connection_.is_unattended());
    answer("HTTP/1.1 204 No Content\r\n\r\n");
    const ExchangeCodecPtr codec = ask();
    EXPECT_FALSE(connection_.is_unattended());
    EXPECT_EQ(engine_.run(codec->read_response_head()).code, 204);
  }
  EXPECT_FALSE(connection_.is_over());
}

TEST_F(Http1ConnectionCodecTest, IsOverAfterAnExchangeThatWasNotCompleted) {
  answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
  ExchangeCodecPtr codec = ask();
  EXPECT_EQ(engine_.run(codec->read_response_head()).code, 200);
  EXPECT_FALSE(connection_.is_over());
  codec.reset();
  EXPECT_TRUE(connection_.is_over());
}

TEST_F(Http1ConnectionCodecTest, ALookSeesWhatIsNotExpected) {
  EXPECT_TRUE(connection_.look(engine_));
  answer("x");
  EXPECT_FALSE(connection_.look(engine_));
}

TEST_F(Http1ConnectionCodecTest, ALookFailsWhereTheEngineCannotWatch) {
  engine_.refuses_sockets = true;
  EXPECT_FALSE(connection_.look(engine_));
}

}  // namespace
}  // namespace okhttp::internal
