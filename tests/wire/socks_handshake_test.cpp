#include "wire/socks_handshake.hpp"

#include <okhttp/proxy.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "support/engines.hpp"

namespace okhttp::internal {
namespace {

using namespace std::string_literals;

Task<std::unique_ptr<Socket>> connect(Engine& engine, Endpoint where) {
  std::error_code error;
  std::unique_ptr<Socket> socket = engine.begin_connect(ConnectRequest(where), error);
  if (socket == nullptr) throw std::system_error(error);
  Readiness writable(engine, WaitTerms(), *socket, Interest::write);
  (void)co_await writable;
  if (error = socket->connect_result(); error) throw std::system_error(error);
  co_return std::move(socket);
}

Task<std::unique_ptr<Socket>> accept(Engine& engine, Listener& listener) {
  std::error_code error;
  std::unique_ptr<Socket> accepted = listener.try_accept(error);
  while (accepted == nullptr) {
    if (error) throw std::system_error(error);
    Readiness readable(engine, WaitTerms(), listener.socket(), Interest::read);
    (void)co_await readable;
    accepted = listener.try_accept(error);
  }
  engine.adopt(*accepted);
  co_return std::move(accepted);
}

Task<std::string> read(Engine& engine, Stream& stream, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    std::string buffer(size - text.size(), '\0');
    ReadSome some(engine, WaitTerms(), stream, std::as_writable_bytes(std::span(buffer)));
    const IoResult result = co_await some;
    if (!result.ok()) break;
    text.append(buffer, 0, result.bytes);
  }
  co_return text;
}

Task<> write(Engine& engine, Stream& stream, std::string text) {
  WriteAll all(engine, WaitTerms(), stream, as_bytes(text));
  (void)co_await all;
}

SocksClient client() {
  return SocksClient(Proxy(Proxy::Type::socks5h, "proxy.example", 1080, "jane", "secret"), "example.com", 80,
                     std::nullopt);
}

template <class Fixture>
class SocksHandshakeTest : public OnEngineTest<Fixture> {
 protected:
  /// Runs the client against `serve`, which is given the proxy's end.
  template <class Serve>
  void converse(Serve serve, std::function<Task<>(Stream&)> visit) {
    const auto body = [&]() -> Task<> {
      Engine& engine = this->engine();
      context_->attach(engine);
      std::error_code error;
      const ListenRequest request(this->fixture_.any_port());
      const std::unique_ptr<Listener> listener = engine.listen(request, error);
      if (listener == nullptr) throw std::system_error(error);
      const auto server = [&]() -> Task<> {
        std::unique_ptr<Socket> socket = co_await accept(engine, *listener);
        co_await serve(engine, *socket);
      };
      auto serving = start(server());
      {
        std::unique_ptr<Socket> socket = co_await connect(engine, listener->endpoint());
        co_await visit(*socket);
      }
      co_await join(engine, std::move(serving));
      context_->detach();
    };
    this->run(body());
  }
  /// The error that the client ends in.
  template <class Serve>
  Error failure_against(Serve serve) {
    std::optional<Error> failure;
    converse(std::move(serve), [&](Stream& stream) -> Task<> {
      try {
        co_await shake_hands_with_socks(*context_, until_, stream, client(), "reaching example.com:80");
      } catch (const Error& error) {
        failure = error;
      }
    });
    if (!failure.has_value()) throw std::logic_error("the handshake succeeded");
    return *failure;
  }

  std::shared_ptr<CallContext> context_ = std::make_shared<CallContext>(nullptr);
  TimePoint until_ = kNever;
};

TYPED_TEST_SUITE(SocksHandshakeTest, AllEngines, EngineNames);

TYPED_TEST(SocksHandshakeTest, LeavesTheStreamWhereTheServerBegins) {
  std::string heard;
  const auto serve = [&](Engine& engine, Stream& stream) -> Task<> {
    heard = co_await read(engine, stream, 4);
    co_await write(engine, stream, "\5\2"s);
    heard += co_await read(engine, stream, 13);
    co_await write(engine, stream, "\1\0"s);
    heard += co_await read(engine, stream, 18);
    // The server talks first, and at once.
    co_await write(engine, stream, "\5\0\0\1\0\0\0\0\0\0hello"s);
    (void)co_await read(engine, stream, 1);
  };
  std::string greeting;
  this->converse(serve, [&](Stream& stream) -> Task<> {
    co_await shake_hands_with_socks(*this->context_, kNever, stream, client(), "reaching example.com:80");
    greeting = co_await read(this->engine(), stream, 5);
  });
  EXPECT_EQ(heard, "\5\2\0\2\1\4jane\6secret\5\1\0\3\x0b"s + "example.com\0\x50"s);
  EXPECT_EQ(greeting, "hello");
}

TYPED_TEST(SocksHandshakeTest, ARefusalIsTheProxysFault) {
  const Error error = this->failure_against([](Engine& engine, Stream& stream) -> Task<> {
    (void)co_await read(engine, stream, 4);
    co_await write(engine, stream, "\5\xff"s);
  });
  EXPECT_EQ(error.errc(), Errc::proxy_failed);
  EXPECT_EQ(error.blame(), Blame::peer);
  EXPECT_EQ(std::string(error.what()).find("reaching example.com:80: the proxy"), 0U) << error.what();
}

TYPED_TEST(SocksHandshakeTest, AProxyThatClosesHasFailed) {
  const Error error = this->failure_against([](Engine& engine, Stream& stream) -> Task<> {
    (void)co_await read(engine, stream, 4);
    co_await write(engine, stream, "\5"s);
  });
  EXPECT_EQ(error.errc(), Errc::proxy_failed);
}

TYPED_TEST(SocksHandshakeTest, AProxyThatSaysNothingTimesOut) {
  this->context_->timeouts.read = std::chrono::milliseconds(20);
  const Error error = this->failure_against([](Engine& engine, Stream& stream) -> Task<> {
    (void)co_await read(engine, stream, 100);  // until the client gives up
  });
  EXPECT_EQ(error.errc(), Errc::read_timeout);
}

TYPED_TEST(SocksHandshakeTest, AProxyThatSaysLittleAtATimeIsBounded) {
  this->context_->timeouts.read = std::chrono::hours(1);
  const auto serve = [](Engine& engine, Stream& stream) -> Task<> {
    (void)co_await read(engine, stream, 4);
    co_await write(engine, stream, "\5"s);
    (void)co_await read(engine, stream, 1);
  };
  std::optional<Errc> code;
  this->converse(serve, [&](Stream& stream) -> Task<> {
    const TimePoint until = deadline_after(this->engine().now(), std::chrono::milliseconds(20));
    try {
      co_await shake_hands_with_socks(*this->context_, until, stream, client(), "reaching example.com:80");
    } catch (const Error& error) {
      code = error.errc();
    }
  });
  EXPECT_EQ(code, Errc::read_timeout);
}

TYPED_TEST(SocksHandshakeTest, TheCallsOwnDeadlineIsATimeout) {
  const auto serve = [](Engine& engine, Stream& stream) -> Task<> { (void)co_await read(engine, stream, 100); };
  std::optional<Errc> code;
  this->converse(serve, [&](Stream& stream) -> Task<> {
    this->context_->deadline = deadline_after(this->engine().now(), std::chrono::milliseconds(20));
    try {
      co_await shake_hands_with_socks(*this->context_, kNever, stream, client(), "reaching example.com:80");
    } catch (const Error& error) {
      code = error.errc();
    }
    this->context_->deadline = kNever;
  });
  EXPECT_EQ(code, Errc::timeout);
}

TYPED_TEST(SocksHandshakeTest, ACancelEndsIt) {
  const Error error = this->failure_against([this](Engine& engine, Stream& stream) -> Task<> {
    (void)co_await read(engine, stream, 4);
    this->context_->cancellation->request();
    (void)co_await read(engine, stream, 1);
  });
  EXPECT_EQ(error.errc(), Errc::canceled);
}

}  // namespace
}  // namespace okhttp::internal
