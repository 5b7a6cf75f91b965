#pragma once

#include <okhttp/error.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/http2_error_code.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/exchange_codec.hpp"
#include "codec/http2/byte_queue.hpp"
#include "runtime/intrusive_list.hpp"
#include "runtime/stream.hpp"

namespace okhttp::internal {

/// What one HTTP/2 stream has received and has yet to send, between the session that exchanges frames and the exchange
/// that owns the stream. All of it is guarded by the connection's lock.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): members stand by what they are for
struct Http2Mailbox {
  Http2Mailbox() = default;
  Http2Mailbox(const Http2Mailbox&) = delete;
  Http2Mailbox& operator=(const Http2Mailbox&) = delete;

  std::int32_t stream_id = 0;  ///< 0 until the request was submitted

  // What came.
  std::vector<ResponseHead> informational;  ///< heads before the final one
  std::optional<ResponseHead> final_head;
  bool has_final_head = false;
  std::optional<std::uint64_t> content_length;
  ByteQueue body;
  /// Where a waiting reader wants the body: as long as `body` is empty, data goes there without a copy in between.
  Bytes direct;
  std::size_t direct_filled = 0;
  Headers trailers;
  bool is_complete = false;  ///< END_STREAM came

  // What is to go.
  std::string gathered;  ///< small pieces of the request body, sent before `outgoing`
  std::size_t gathered_sent = 0;
  ConstBytes outgoing;       ///< the writer's bytes, which stay where they are until they were sent
  bool is_finished = false;  ///< nothing comes after what is here
  bool is_end_sent = false;  ///< and all of it, with the end, was made into frames
  bool is_deferred = false;  ///< the session waits to be told of more

  // How it ended.
  bool is_closed = false;        ///< the session knows the stream no more
  std::optional<Error> failure;  ///< of the stream or of its connection
  std::optional<Http2ErrorCode> reset_code;
  bool is_unprocessed = false;            ///< it is certain that the peer did nothing with the request
  bool is_refused = false;                ///< and that by the peer's own word
  std::optional<std::uint64_t> begin_at;  ///< where in the connection's output the request begins, once it is there

  // The field section that is being received.
  Headers::Builder fields;
  int status = 0;
  std::size_t head_bytes = 0;  ///< of all heads

  ListHook<Http2Mailbox> live_hook;
  ListHook<Http2Mailbox> changed_hook;

  [[nodiscard]] bool has_head() const noexcept { return !informational.empty() || final_head.has_value(); }
  /// Requires: has_head().
  [[nodiscard]] ResponseHead take_head();
  [[nodiscard]] std::size_t unsent() const noexcept { return gathered.size() - gathered_sent + outgoing.size(); }
};

inline ResponseHead Http2Mailbox::take_head() {
  if (informational.empty()) return *std::exchange(final_head, std::nullopt);
  ResponseHead head = std::move(informational.front());
  informational.erase(informational.begin());
  return head;
}

}  // namespace okhttp::internal
