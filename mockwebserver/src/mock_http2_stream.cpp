#include "mock_http2_stream.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "mock_http2_connection.hpp"
#include "peer.hpp"

namespace okhttp::internal {

MockHttp2Stream::MockHttp2Stream(MockHttp2Connection& connection, std::int32_t id) : connection_(connection), id_(id) {
  cancellation_->attach(&engine());
}

Engine& MockHttp2Stream::engine() noexcept { return connection_.peer().engine(); }

void MockHttp2Stream::check() const {
  if (cancellation_->requested()) throw PeerGone(why_gone_);
}

Task<void> MockHttp2Stream::sleep(std::chrono::milliseconds duration) {
  check();
  if (duration <= std::chrono::milliseconds::zero()) co_return;
  // The deadline or the end: check() tells.
  [[maybe_unused]] const WaitResult result = co_await Sleep(engine(), terms(deadline_after(engine().now(), duration)));
  check();
}

Task<void> MockHttp2Stream::flush() {
  check();
  co_await connection_.flush(terms());
  check();
}

Task<bool> MockHttp2Stream::fill() {
  check();
  while (unread().empty() && !has_request_ended_) {
    // A cancelled wait is told by check().
    [[maybe_unused]] const WaitResult result = co_await arrived_.wait(engine(), terms());
    check();
  }
  co_return !unread().empty();
}

void MockHttp2Stream::take(std::size_t count) {
  taken_ += count;
  if (taken_ == incoming_.size()) {
    incoming_.clear();
    taken_ = 0;
  }
  return_window(count);
  connection_.wake_writer();
}

void MockHttp2Stream::return_window(std::size_t bytes) {
  if (connection_.options().holds_windows && is_closed_) {
    connection_.hold(bytes);
  } else if (connection_.options().holds_windows) {
    held_ += bytes;
  } else {
    connection_.session().return_window(id_, bytes);
  }
}

void MockHttp2Stream::return_held() {
  const std::size_t bytes = std::exchange(held_, 0);
  if (bytes > 0) connection_.session().return_window(id_, bytes);
}

void MockHttp2Stream::send_informational(int code, const Headers& headers) {
  check();
  connection_.session().send_informational(id_, code, headers);
  connection_.wake_writer();
}

void MockHttp2Stream::send_head(int code, const Headers& headers, bool ends) {
  check();
  has_sent_head_ = true;
  if (ends) has_response_ended_ = true;
  connection_.session().send_response(id_, code, headers, ends ? nullptr : this);
  connection_.wake_writer();
}

Task<void> MockHttp2Stream::send(std::string_view bytes, bool ends) {
  check();
  outgoing_ = bytes;
  ends_after_ = ends;
  connection_.session().resume(id_);
  connection_.wake_writer();
  while (!outgoing_.empty() || (ends && !has_response_ended_)) {
    const WaitResult result = co_await sent_.wait(engine(), terms());
    if (result == WaitResult::ready) continue;
    outgoing_ = {};
    check();
  }
}

Task<void> MockHttp2Stream::end(Headers trailers) {
  trailers_ = std::move(trailers);
  co_await send({}, true);
}

void MockHttp2Stream::reset(Http2ErrorCode code) {
  if (is_closed_) return;
  connection_.session().reset(id_, code);
  connection_.wake_writer();
  cancel("the script reset the stream");
}

void MockHttp2Stream::finish() {
  // What nobody will read any more must not use up the connection's window.
  if (const std::size_t left = unread().size(); left > 0) take(left);
}

void MockHttp2Stream::receive_field(std::string_view name, std::string_view value) {
  if (has_head_ended_) {
    request_trailers_.add_unchecked(name, value);
  } else if (name == ":method") {
    head_.method = value;
  } else if (name == ":scheme") {
    head_.scheme = value;
  } else if (name == ":authority") {
    head_.authority = value;
  } else if (name == ":path") {
    head_.path = value;
  } else {
    head_.fields.add_unchecked(name, value);
  }
}

void MockHttp2Stream::receive(std::string_view bytes) {
  if (cancellation_->requested()) {
    return_window(bytes.size());
    return;
  }
  incoming_ += bytes;
  arrived_.ring();
}

void MockHttp2Stream::receive_end() {
  has_request_ended_ = true;
  arrived_.ring();
}

void MockHttp2Stream::close(Http2ErrorCode code) {
  is_closed_ = true;
  connection_.hold(std::exchange(held_, 0));
  if (has_response_ended_ && code == Http2ErrorCode::no_error) return;
  if (why_gone_.empty()) {
    why_gone_ = "the stream was reset with code " + std::to_string(static_cast<std::uint32_t>(code));
  }
  cancel(why_gone_);
}

void MockHttp2Stream::cancel(std::string why) {
  if (cancellation_->requested()) return;
  why_gone_ = std::move(why);
  cancellation_->request();
}

Http2BodySource::Taken MockHttp2Stream::take_body(std::span<std::uint8_t> into) noexcept {
  const std::size_t count = std::min(into.size(), outgoing_.size());
  if (count > 0) std::memcpy(into.data(), outgoing_.data(), count);
  outgoing_.remove_prefix(count);
  if (!outgoing_.empty()) return Taken(count, false);
  if (ends_after_) has_response_ended_ = true;
  sent_.ring();
  return Taken(count, ends_after_);
}

}  // namespace okhttp::internal
