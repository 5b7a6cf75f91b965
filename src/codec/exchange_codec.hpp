#pragma once

#include <okhttp/error.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/protocol.hpp>
#include <okhttp/request.hpp>
#include <okhttp/task.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "runtime/stream.hpp"

namespace okhttp::internal {

struct CallContext;

/// The head of an answer, final or informational.
struct ResponseHead {
  ResponseHead(Protocol version, int status, std::string reason, Headers fields)
      : protocol(version), code(status), message(std::move(reason)), headers(std::move(fields)) {}
  Protocol protocol;
  int code;
  std::string message;
  Headers headers;

  /// RFC 9110 §15.2; 101 ends the exchange as HTTP and is no interim answer.
  [[nodiscard]] bool is_informational() const noexcept { return code >= 100 && code < 200 && code != 101; }
};

/// What was thrown away of a response body, and whether that was its rest.
struct DiscardedBody {
  std::uint64_t bytes = 0;
  bool is_complete = false;
};

/// Writes one request and reads its response in the language of one protocol.
///
/// One coroutine at a time. Every task throws Error when the peer or the network fails, and resumes on the engine of
/// the exchange's call. After an error the exchange is over, and over HTTP/1.1 so is its connection.
///
///     write_request_headers -> write_request_body* -> finish_request -> read_response_head+ -> read_response_body*
class ExchangeCodec {
 public:
  ExchangeCodec() = default;
  ExchangeCodec(const ExchangeCodec&) = delete;
  ExchangeCodec& operator=(const ExchangeCodec&) = delete;
  virtual ~ExchangeCodec() = default;

  [[nodiscard]] virtual Protocol protocol() const noexcept = 0;

  /// The head, which is held back until flush_request(), or until the first bytes of the body or the end go along.
  virtual void write_request_headers(const Request& request) = 0;
  /// Some of the body. The framing is what the head announced; whether it fits is the caller's business.
  virtual Task<void> write_request_body(ConstBytes bytes) = 0;
  virtual Task<void> flush_request() = 0;
  /// Ends the request, with a body or without one.
  virtual Task<void> finish_request() = 0;
  /// False while it is certain that the peer processed nothing of the request: no byte of it was handed to the network,
  /// or the peer said so (RFC 9113 §8.7: REFUSED_STREAM, or GOAWAY with a lower stream identifier).
  [[nodiscard]] virtual bool may_have_reached_peer() const noexcept = 0;
  /// True when it was the peer that said so: it answers, and another connection may find it in a better mood.
  [[nodiscard]] virtual bool was_refused() const noexcept { return false; }

  /// The next head: any number of informational ones, then the final one, after which the body is open.
  virtual Task<ResponseHead> read_response_head() = 0;
  /// How many bytes the body has, where its framing tells.
  [[nodiscard]] virtual std::optional<std::uint64_t> response_length() const noexcept = 0;
  /// At least one byte into `into`, or 0 when the body is complete.
  virtual Task<std::size_t> read_response_body(Bytes into) = 0;
  [[nodiscard]] virtual bool is_response_complete() const noexcept = 0;
  /// Fields after the body; empty until it is complete.
  [[nodiscard]] virtual Headers trailers() const = 0;
  /// Throws away what has arrived of the body, without waiting and not much more than `limit` bytes.
  /// On any thread: when the engine of the call does not run there, the call is detached from it.
  [[nodiscard]] virtual DiscardedBody discard_response_body(std::size_t limit) noexcept = 0;
  /// The same, but what has arrived is appended to `kept`, and `is_complete` says whether the body ends with it.
  [[nodiscard]] virtual DiscardedBody take_response_body(std::size_t /*limit*/, std::string& /*kept*/) noexcept {
    return DiscardedBody();
  }

  // A duplex request is written by a second coroutine while the response is read.

  /// This exchange for that coroutine, which writes the rest of the request with it in a context of its own, on
  /// whatever engine that is attached to. Null when the protocol has one direction at a time. Once the exchange has
  /// ended, its tasks throw Errc::canceled.
  [[nodiscard]] virtual std::shared_ptr<ExchangeCodec> share_for_writing(
      const std::shared_ptr<CallContext>& /*writer*/) {
    return nullptr;
  }
  /// The request comes to no end: tells the peer, and has the reader of a response that is not complete fail with
  /// `why`. From the writing coroutine.
  virtual void break_off(const Error& /*why*/) noexcept {}

  /// After a failure: true when it was this exchange's alone and the connection may serve others.
  [[nodiscard]] virtual bool connection_survives() const noexcept = 0;
  /// Ends the exchange, completed or not; what is still open of it is given up. The last call: the codec may be gone.
  virtual void end() noexcept = 0;
};

struct EndExchange {
  void operator()(ExchangeCodec* codec) const noexcept { codec->end(); }
};
/// A begun exchange, ended when this goes away.
using ExchangeCodecPtr = std::unique_ptr<ExchangeCodec, EndExchange>;

}  // namespace okhttp::internal
