#pragma once

#include <okhttp/error.hpp>
#include <okhttp/request.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "codec/http2/frame_allowance.hpp"
#include "codec/http2/http2_mailbox.hpp"
#include "codec/http2/http2_options.hpp"
#include "runtime/clock.hpp"
#include "runtime/intrusive_list.hpp"
#include "runtime/stream.hpp"

struct nghttp2_session;

namespace okhttp::internal {

struct SessionCallbacks;

/// The client's end of HTTP/2 (RFC 9113) without I/O: bytes in, bytes out, mailboxes filled. Framing and HPACK are
/// nghttp2's; what a stream may hold, what a peer may do to us and what an error means are decided here.
///
/// Not thread-safe: it is used under its connection's lock. It does not keep mailboxes alive: a mailbox that was
/// submitted is released before it goes away.
class Http2Session final {
 public:
  /// `peer` names the server in messages. Throws std::bad_alloc. The preface and SETTINGS are the first output.
  Http2Session(std::string peer, const Http2Options& options);
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;
  ~Http2Session();

  // Streams.

  /// Begins a stream. False when the connection takes no more.
  [[nodiscard]] bool submit(Http2Mailbox& mailbox, const Request& request);
  /// There is more to send, or nothing comes any more.
  void resume(Http2Mailbox& mailbox);
  /// The reader took `bytes` of the body: the peer may send as many more.
  void consumed(Http2Mailbox& mailbox, std::size_t bytes);
  /// The stream is reset and ends with `why`, unless its response is complete.
  void give_up(Http2Mailbox& mailbox, const Error& why);
  /// Nobody wants the stream any more: it is reset if it is open, and the mailbox is forgotten.
  void release(Http2Mailbox& mailbox) noexcept;
  /// The next mailbox to which something happened, each once; null when there is none.
  [[nodiscard]] Http2Mailbox* next_changed() noexcept { return changed_.pop_front(); }

  // Bytes.

  /// Takes in what came. A peer that breaks the rules ends the session, which failure() tells; what it is told of that
  /// is output.
  void receive(ConstBytes bytes, TimePoint now);
  /// Appends output to `out`, as much as there is or until it holds `limit` bytes. `offset` is how many bytes were
  /// appended in the session's life before.
  void produce(std::string& out, std::size_t limit, std::uint64_t offset);
  [[nodiscard]] bool has_output() const noexcept;
  /// Ends the session and everything open in it with `error`.
  void fail(const Error& error);
  /// Tells the peer that nothing more comes.
  void say_goodbye() noexcept;

  // Health.

  void ping() noexcept;
  /// PINGs of ours that were answered.
  [[nodiscard]] std::uint64_t pongs() const noexcept { return pongs_; }

  // State.

  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }
  /// True while new streams may begin.
  [[nodiscard]] bool takes_streams() const noexcept;
  /// True when takes_streams() or max_concurrent_streams() may have changed since this was asked.
  [[nodiscard]] bool take_limits_changed() noexcept { return std::exchange(limits_changed_, false); }
  /// SETTINGS_MAX_CONCURRENT_STREAMS of the peer; 100 until its SETTINGS came.
  [[nodiscard]] std::size_t max_concurrent_streams() const noexcept;
  /// Bytes that were received and not read.
  [[nodiscard]] std::size_t unread() const noexcept { return unread_; }

 private:
  friend struct SessionCallbacks;
  class FieldSection;
  using Live = IntrusiveList<Http2Mailbox, &Http2Mailbox::live_hook>;
  using Changed = IntrusiveList<Http2Mailbox, &Http2Mailbox::changed_hook>;

  [[nodiscard]] Http2Mailbox* mailbox_of(std::int32_t stream_id) const noexcept;
  void changed(Http2Mailbox& mailbox) noexcept;
  void reset(Http2Mailbox& mailbox) noexcept;
  [[nodiscard]] std::string_view why_given_up(Http2ErrorCode code) const noexcept;
  [[nodiscard]] Error peer_error(Errc code, std::string_view what) const;

  // What nghttp2 tells of; below 0 is an error code of its own.
  int on_field(std::int32_t stream_id, std::string_view name, std::string_view value);
  void on_head(Http2Mailbox& mailbox, bool ends_stream);
  void on_data(std::int32_t stream_id, ConstBytes data);
  void on_end_of_stream(Http2Mailbox& mailbox) noexcept;
  void on_stream_close(std::int32_t stream_id, Http2ErrorCode code);
  void on_request_not_sent(std::int32_t stream_id);
  void on_goaway(std::int32_t last_stream_id, Http2ErrorCode code);
  void on_useless_frame();
  void credit_connection(std::size_t bytes) noexcept;

  const std::string peer_;
  const Http2Options options_;
  nghttp2_session* session_ = nullptr;
  const std::unique_ptr<FieldSection> section_;  // of the request that is being submitted
  Live live_;                                    // submitted and not closed
  Changed changed_;                              // since next_changed() was asked
  FrameAllowance allowance_;
  TimePoint now_{};        // of the receive() that is running
  std::string complaint_;  // what nghttp2 said last of a broken rule
  bool settings_came_ = false;
  bool limits_changed_ = false;
  bool goaway_came_ = false;
  std::int32_t goaway_last_id_ = 0;
  Http2ErrorCode goaway_code_ = Http2ErrorCode::no_error;
  std::int32_t peer_reset_id_ = 0;  // the stream that a received RST_STREAM is about to close
  std::uint64_t pongs_ = 0;
  std::size_t unread_ = 0;
  std::size_t withheld_ = 0;  // of the connection's window, as the budget is used up
  std::optional<Error> failure_;

  // While produce() runs.
  std::string* out_ = nullptr;
  std::size_t out_limit_ = 0;
  std::uint64_t out_base_ = 0;  // offset of out_'s first byte
};

}  // namespace okhttp::internal
