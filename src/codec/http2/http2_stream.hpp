#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "codec/exchange_codec.hpp"
#include "codec/http2/driver_role.hpp"
#include "codec/http2/http2_connection.hpp"
#include "codec/http2/http2_mailbox.hpp"
#include "codec/http2/parking_place.hpp"

namespace okhttp::internal {

/// Who reads a stream's response, or writes its request: with a duplex body these are two coroutines, perhaps on two
/// engines.
class StreamSide final : public ParkingPlace, public DriverRole::Member {
 public:
  enum class Want : std::uint8_t {
    nothing,
    head,  ///< a head
    body,  ///< some of the body, or its end
    room,  ///< everything that was given was taken into frames, or nothing more will be
    sent,  ///< the same, and the request's end
  };

  explicit StreamSide(Http2Stream& stream) noexcept : stream_(stream) {}

  [[nodiscard]] bool has_news() const noexcept override;
  [[nodiscard]] std::shared_ptr<void> keep_alive() override;

  Want want = Want::nothing;

 private:
  Http2Stream& stream_;
};

/// One exchange over HTTP/2: a stream (RFC 9113 §5).
///
/// Runs on its call's engine; what it shares with the driver lies in its mailbox, under the connection's lock.
/// Holds itself until end(), then jobs that are still on their way hold it.
class Http2Stream final : public ExchangeCodec, private Http2Mailbox, public std::enable_shared_from_this<Http2Stream> {
 public:
  [[nodiscard]] static ExchangeCodecPtr create(std::shared_ptr<Http2Connection> connection,
                                               std::shared_ptr<CallContext> context);
  Http2Stream(std::shared_ptr<Http2Connection> connection, std::shared_ptr<CallContext> context) noexcept;

  [[nodiscard]] Protocol protocol() const noexcept override { return connection_->protocol(); }
  void write_request_headers(const Request& request) override;
  Task<void> write_request_body(ConstBytes bytes) override;
  Task<void> flush_request() override;
  Task<void> finish_request() override;
  [[nodiscard]] bool may_have_reached_peer() const noexcept override;
  [[nodiscard]] bool was_refused() const noexcept override;
  Task<ResponseHead> read_response_head() override;
  [[nodiscard]] std::optional<std::uint64_t> response_length() const noexcept override;
  Task<std::size_t> read_response_body(Bytes into) override;
  [[nodiscard]] bool is_response_complete() const noexcept override { return is_response_complete_; }
  [[nodiscard]] Headers trailers() const override { return trailers_read_; }
  [[nodiscard]] DiscardedBody discard_response_body(std::size_t limit) noexcept override;
  [[nodiscard]] DiscardedBody take_response_body(std::size_t limit, std::string& kept) noexcept override;
  [[nodiscard]] std::shared_ptr<ExchangeCodec> share_for_writing(const std::shared_ptr<CallContext>& writer) override;
  void break_off(const Error& why) noexcept override;
  [[nodiscard]] bool connection_survives() const noexcept override;
  void end() noexcept override;

  /// The code of the RST_STREAM that the peer sent, if it did.
  [[nodiscard]] std::optional<Http2ErrorCode> peer_reset() const noexcept;

 private:
  friend class Http2Connection;
  friend class StreamSide;

  /// How the next wait goes about it.
  struct Parking {
    DriverRole::Duty duty;
    Interest interest;
  };
  class Operation;

  // With the connection's lock held.
  void submit_if_held_back();
  [[nodiscard]] bool is_request_sent() const noexcept { return is_end_sent || is_closed; }
  /// Hands what there is to the session. Throws when the stream has failed.
  void send();
  [[nodiscard]] bool is_duplex() const noexcept { return writer_context_ != context_; }
  /// RFC 9113 §8.1: a response may be complete before its request is. The rest is of no use then, unless the two were
  /// meant to go on side by side.
  [[nodiscard]] bool needs_no_more_of_request() const noexcept { return is_closed || (is_complete && !is_duplex()); }
  /// Resets the stream, so that the peer does not take what it got for all of the request.
  void leave_rest_out();
  void throw_failure() const;
  [[nodiscard]] Parking park(StreamSide& side, StreamSide::Want want);
  void leave(StreamSide& side) noexcept;
  void take_direct_back();
  [[nodiscard]] std::size_t take_body(Bytes into);
  void note_complete();

  Task<void> wait_until_sent();

  [[nodiscard]] CallContext& context_of(const StreamSide& side) const noexcept {
    return &side == &writer_ ? *writer_context_ : *context_;
  }
  [[nodiscard]] Http2Wait wait(StreamSide& side, const Parking& parking, WaitTerms terms);
  /// What a coroutine does that waited in vain.
  [[noreturn]] void give_up(const StreamSide& side, WaitResult result, Errc on_deadline, const char* doing) const;

  const std::shared_ptr<Http2Connection> connection_;
  const std::shared_ptr<CallContext> context_;  // of the reader, and of the writer unless that is another coroutine
  std::shared_ptr<CallContext> writer_context_;
  std::shared_ptr<Http2Stream> self_;
  std::optional<Request> held_back_;  // not submitted yet
  StreamSide reader_{*this};
  StreamSide writer_{*this};

  // Of the reader alone.
  bool head_read_ = false;
  bool is_response_complete_ = false;
  std::optional<std::uint64_t> length_;
  Headers trailers_read_;
};

}  // namespace okhttp::internal
