#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/task.hpp>
#include <okhttp/tls.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "runtime/cancellation.hpp"
#include "runtime/stream.hpp"
#include "support/engines.hpp"
#include "wire/tls_context.hpp"
#include "wire/tls_stream.hpp"

// TLS on real engines: waiting in both directions, deadlines, cancellation.

namespace okhttp::internal {
namespace {

const HeldCertificate& localhost() {
  static const HeldCertificate held = HeldCertificate::localhost();
  return held;
}

std::shared_ptr<const TlsContext> client_context() {
  return TlsContext::for_client(
      TlsConfig::Builder().system_trust(false).trust_certificates(localhost().certificate_pem()).build());
}

std::shared_ptr<const TlsContext> server_context(TlsVersion newest = TlsVersion::tls_1_3) {
  TlsServerConfig config;
  config.certificate_chain = localhost().chain_pem();
  config.private_key = localhost().private_key_pem();
  config.max_version = newest;
  return TlsContext::for_server(config);
}

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

Task<IoResult> shake_hands(Engine& engine, TlsStream& stream, WaitTerms terms = WaitTerms()) {
  TlsHandshake handshake(engine, terms, stream);
  co_return co_await handshake;
}

Task<> write(Engine& engine, Stream& stream, std::string_view text) {
  const ConstBytes bytes = as_bytes(text);
  WriteAll all(engine, WaitTerms(), stream, bytes);
  const IoResult result = co_await all;
  if (!result.ok()) throw std::runtime_error("write: " + stream.failure_text());
}

Task<std::string> read_exactly(Engine& engine, Stream& stream, std::size_t size) {
  std::string all;
  std::string buffer(32 * 1024, '\0');
  while (all.size() < size) {
    const auto room = std::as_writable_bytes(std::span(buffer)).first(std::min(buffer.size(), size - all.size()));
    ReadSome some(engine, WaitTerms(), stream, room);
    const IoResult result = co_await some;
    if (!result.ok()) throw std::runtime_error("read: " + stream.failure_text());
    all.append(buffer, 0, result.bytes);
  }
  co_return all;
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

constexpr std::size_t kLarge = 3'000'000;

/// A server that answers a request of four bytes with many, and the other way round; then waits for the end.
Task<> serve(Engine& engine, Listener& listener, std::shared_ptr<const TlsContext> context) {
  auto below = co_await accept(engine, listener);
  const auto stream = TlsStream::server(std::move(context), std::move(below));
  const IoResult shaken = co_await shake_hands(engine, *stream);
  if (!shaken.ok()) throw std::runtime_error("server: " + stream->failure_text());
  const std::string large = pattern(kLarge);
  const std::string request = co_await read_exactly(engine, *stream, 4);
  EXPECT_EQ(request, "ping");
  co_await write(engine, *stream, large);
  const std::string upload = co_await read_exactly(engine, *stream, kLarge);
  EXPECT_TRUE(upload == large);
  co_await write(engine, *stream, "done");
  std::byte last{};
  ReadSome end(engine, WaitTerms(), *stream, std::span(&last, 1));
  const IoResult ended = co_await end;
  EXPECT_EQ(ended.status, IoStatus::end);
}

Task<> visit(Engine& engine, Endpoint where, std::shared_ptr<const TlsContext> context) {
  auto below = co_await connect(engine, where);
  const auto stream = TlsStream::client(std::move(context), std::move(below), "localhost", {});
  const IoResult shaken = co_await shake_hands(engine, *stream);
  if (!shaken.ok()) throw std::runtime_error(stream->handshake_error(shaken).what());
  const std::string large = pattern(kLarge);
  co_await write(engine, *stream, "ping");
  const std::string download = co_await read_exactly(engine, *stream, kLarge);
  EXPECT_TRUE(download == large);
  EXPECT_TRUE(stream->is_quiet());
  co_await write(engine, *stream, large);
  const std::string done = co_await read_exactly(engine, *stream, 4);
  EXPECT_EQ(done, "done");
  EXPECT_TRUE(stream->is_quiet());
  stream->shut_down_write();
}

template <class Fixture>
class TlsHandshakeTest : public OnEngineTest<Fixture> {
 protected:
  std::unique_ptr<Listener> listen() {
    std::error_code error;
    std::unique_ptr<Listener> listener;
    const auto body = [&]() -> Task<> {
      const ListenRequest request(this->fixture_.any_port());
      listener = this->engine().listen(request, error);
      co_return;
    };
    this->run(body());
    if (listener == nullptr) throw std::system_error(error);
    return listener;
  }
  void destroy(std::unique_ptr<Listener>& listener) {
    const auto body = [&]() -> Task<> {
      listener.reset();
      co_return;
    };
    this->run(body());
  }
};

TYPED_TEST_SUITE(TlsHandshakeTest, AllEngines, EngineNames);

TYPED_TEST(TlsHandshakeTest, BothEndsMeetOnOneEngine) {
  for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
    auto listener = this->listen();
    const auto body = [&](Engine& engine) -> Task<> {
      auto serving = start(serve(engine, *listener, server_context(version)));
      co_await visit(engine, listener->endpoint(), client_context());
      co_await join(engine, std::move(serving));
    };
    this->run(body(this->engine()));
    this->destroy(listener);
  }
}

TYPED_TEST(TlsHandshakeTest, EndsAtItsDeadlineWhenThePeerIsSilent) {
  auto listener = this->listen();
  const auto body = [&](Engine& engine) -> Task<> {
    auto below = co_await connect(engine, listener->endpoint());
    const auto silent = co_await accept(engine, *listener);
    const auto stream = TlsStream::client(client_context(), std::move(below), "localhost", {});
    const WaitTerms terms(nullptr, engine.now() + std::chrono::milliseconds(20));
    const IoResult result = co_await shake_hands(engine, *stream, terms);
    EXPECT_EQ(result.status, IoStatus::deadline);
  };
  this->run(body(this->engine()));
  this->destroy(listener);
}

TYPED_TEST(TlsHandshakeTest, EndsWhenTheCallIsCanceled) {
  auto listener = this->listen();
  const auto body = [&](Engine& engine) -> Task<> {
    auto below = co_await connect(engine, listener->endpoint());
    const auto silent = co_await accept(engine, *listener);
    const auto stream = TlsStream::client(client_context(), std::move(below), "localhost", {});
    const auto cancellation = std::make_shared<Cancellation>();
    cancellation->attach(&engine);
    const WaitTerms terms(cancellation.get());
    auto shaking = start(shake_hands(engine, *stream, terms));
    cancellation->request();
    const IoResult result = co_await join(engine, std::move(shaking));
    EXPECT_EQ(result.status, IoStatus::canceled);
    cancellation->attach(nullptr);
  };
  this->run(body(this->engine()));
  this->destroy(listener);
}

TEST(TlsOnTwoThreadsTest, BlockingEndsWaitInTheSystemForEachOther) {
  for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
    CallingThread client;
    std::error_code error;
    const auto listener = client.listen(ListenRequest(Endpoint(IpAddress::loopback_v4(), 0)), error);
    ASSERT_NE(listener, nullptr);
    std::thread server([&] {
      CallingThread engine;
      engine.run(serve(engine, *listener, server_context(version)));
    });
    client.run(visit(client, listener->endpoint(), client_context()));
    server.join();
  }
}

}  // namespace
}  // namespace okhttp::internal
