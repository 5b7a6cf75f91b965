#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "codec/exchange_codec.hpp"
#include "codec/http1/body_framing.hpp"
#include "codec/http1/chunked_decoder.hpp"
#include "codec/http1/head_parser.hpp"
#include "codec/read_buffer.hpp"

namespace okhttp::internal {

/// How a request names what it wants (RFC 9112 §3.2).
enum class RequestTarget : std::uint8_t {
  origin,    ///< "/path?query", to a server
  absolute,  ///< "http://host/path?query", to a proxy that forwards
};

/// HTTP/1.1 (RFC 9112) on one stream, one exchange after another.
///
///     idle --write_request_headers--> sending --finish_request--> sent --read_response_head--> receiving --end--> idle
///
/// Invariants:
/// 1. Between two exchanges nothing is unread and nothing unsent, else is_reusable() is false.
/// 2. No operation is pending outside a task, so the stream may change engines between any two.
class Http1Codec final : public ExchangeCodec {
 public:
  /// `stream` outlives the codec; `peer` names it in messages, as "example.com:443".
  Http1Codec(Stream& stream, std::string peer, RequestTarget target = RequestTarget::origin);

  /// Begins an exchange of that call. Requires: is_reusable().
  void begin(std::shared_ptr<CallContext> context);
  /// Ends it, completed or not.
  void end() noexcept override;
  [[nodiscard]] bool connection_survives() const noexcept override { return false; }
  [[nodiscard]] bool is_in_exchange() const noexcept { return context_ != nullptr; }
  /// True when another exchange may follow on this connection.
  [[nodiscard]] bool is_reusable() const noexcept { return reusable_; }
  /// How long the peer promised to keep the connection when idle.
  [[nodiscard]] std::optional<std::chrono::seconds> keep_alive() const noexcept { return keep_alive_; }

  [[nodiscard]] Protocol protocol() const noexcept override { return Protocol::http_1_1; }
  void write_request_headers(const Request& request) override;
  Task<void> write_request_body(ConstBytes bytes) override;
  Task<void> flush_request() override;
  Task<void> finish_request() override;
  [[nodiscard]] bool may_have_reached_peer() const noexcept override { return sent_bytes_ > 0; }
  Task<ResponseHead> read_response_head() override;
  [[nodiscard]] std::optional<std::uint64_t> response_length() const noexcept override;
  Task<std::size_t> read_response_body(Bytes into) override;
  [[nodiscard]] bool is_response_complete() const noexcept override { return body_ == Body::complete; }
  [[nodiscard]] Headers trailers() const override { return trailers_; }
  [[nodiscard]] DiscardedBody discard_response_body(std::size_t limit) noexcept override;
  [[nodiscard]] DiscardedBody take_response_body(std::size_t limit, std::string& kept) noexcept override;

 private:
  enum class Body : std::uint8_t { not_open, length, chunked, until_close, complete };

  [[nodiscard]] Engine& engine();
  [[nodiscard]] bool adopt_where_it_is_dropped() noexcept;
  [[nodiscard]] DiscardedBody drain_arrived(std::size_t limit, std::string* kept) noexcept;
  [[nodiscard]] Error failure(const IoResult& result, Errc on_deadline, const char* doing) const;
  [[nodiscard]] WaitTerms read_terms() const noexcept;
  [[nodiscard]] Error broken_rule(const ParseError& error) const;
  [[nodiscard]] Error early_end() const;

  Task<void> send(ConstBytes more);
  void open_body(const ResponseHead& head);
  void complete_body() noexcept;

  /// Delivers what is at hand of the body, up to into.size() bytes; 0 when more has to come or the body is complete.
  /// Throws when the framing is broken.
  std::size_t take_buffered(Bytes into);
  std::size_t copy_from_buffer(Bytes into, std::uint64_t at_most) noexcept;
  void decode_chunks();
  /// Bytes that may be read straight into the reader's span, past the buffer; 0 when the buffer is the better place.
  [[nodiscard]] std::size_t direct_read_size(Bytes into) const noexcept;
  void note_direct_read(std::size_t count) noexcept;

  Stream& stream_;
  const std::string peer_;
  const RequestTarget target_;
  ReadBuffer buffer_;
  std::string outgoing_;  // head and chunk framing that was not sent yet

  // Of the current exchange.
  std::shared_ptr<CallContext> context_;
  std::uint64_t adopted_by_ = 0;  // engine that the stream's socket belongs to
  std::string method_;
  bool chunked_request_ = false;
  bool persistent_request_ = true;
  std::uint64_t sent_bytes_ = 0;
  std::size_t head_bytes_left_ = 0;
  Body body_ = Body::not_open;
  std::uint64_t length_ = 0;    // as announced
  std::uint64_t left_ = 0;      // of a body of known length
  std::uint64_t received_ = 0;  // of the body
  std::optional<ChunkedDecoder> decoder_;
  ConstBytes pending_;  // chunk data in buffer_, consumed there but not delivered yet
  Headers trailers_;

  bool reusable_ = true;
  bool next_may_follow_ = true;  // what the exchange's framing and fields say
  std::optional<std::chrono::seconds> keep_alive_;
};

}  // namespace okhttp::internal
