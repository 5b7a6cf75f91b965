#pragma once

#include <okhttp/request_body.hpp>
#include <okhttp/task.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>

#include "codec/exchange_codec.hpp"
#include "connection/counting_sink.hpp"
#include "runtime/call_context.hpp"

namespace okhttp::internal {

class Loop;

/// A request body that is written while the response is read (HTTP/2), by a coroutine of its own on the client's loop.
///
/// Held by its exchange and by that coroutine. The coroutine ends when the body is written; when it fails, upon which
/// the stream is reset and the exchange's reader fails too; or after stop().
class DuplexRequest final : public std::enable_shared_from_this<DuplexRequest> {
 public:
  /// Begins to write. Null when the codec cannot read and write side by side. After the head was sent.
  [[nodiscard]] static std::shared_ptr<DuplexRequest> start(ExchangeCodec& codec, RequestBodyPtr body,
                                                            const CallContext& call);
  DuplexRequest(RequestBodyPtr body, std::shared_ptr<CallContext> context, std::shared_ptr<ExchangeCodec> codec);

  // On any thread.

  /// True once the whole request was handed to the connection.
  [[nodiscard]] bool is_complete() const;
  /// Bytes of the body, so far.
  [[nodiscard]] std::uint64_t written() const noexcept { return sink_.written(); }
  /// What the body itself threw; null when that did not happen.
  [[nodiscard]] std::exception_ptr failure_of_body() const;
  /// The response is over before the request and nobody is left who wants the rest to be sent.
  void stop() noexcept;
  /// The response is complete: what is still to come of the request is sent, then `exchange` ends.
  void go_on_alone(ExchangeCodecPtr exchange) noexcept;

 private:
  enum class State : std::uint8_t { writing, complete, failed };

  static Task<void> write(std::shared_ptr<DuplexRequest> self, std::shared_ptr<Loop> loop);
  Task<void> write_body();
  void end(State state) noexcept;

  const RequestBodyPtr body_;
  const std::shared_ptr<CallContext> context_;  // of the coroutine alone, but for its cancellation
  const std::shared_ptr<ExchangeCodec> codec_;
  CountingSink sink_;

  mutable std::mutex mutex_;  // guards what follows
  State state_ = State::writing;
  std::exception_ptr failure_of_body_;
  ExchangeCodecPtr exchange_;
};

}  // namespace okhttp::internal
