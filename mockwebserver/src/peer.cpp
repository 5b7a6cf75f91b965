#include "peer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace okhttp::internal {
namespace {

constexpr std::size_t kFirstBuffer = std::size_t{4} * 1024;
constexpr std::size_t kLargestBuffer = std::size_t{64} * 1024;

PeerGone gone(const IoResult& result) {
  switch (result.status) {
    case IoStatus::canceled:
      return PeerGone("the server was closed");
    case IoStatus::end:
      return PeerGone("the client closed the connection");
    default:
      return PeerGone(result.error ? result.error.message() : "the connection failed");
  }
}

}  // namespace

Peer::Peer(Engine& engine, std::unique_ptr<Stream> stream, std::size_t index)
    : engine_(engine), stream_(std::move(stream)), index_(index) {
  cancellation_->attach(&engine);
}

void Peer::cancel_now() noexcept {
  const std::shared_ptr<Cancellation> cancellation = cancellation_;
  Engine& engine = engine_;
  cancellation->request();
  engine.finish_all(*cancellation);
}

std::string_view Peer::buffered() const noexcept { return as_text(ConstBytes(buffer_.data() + begin_, end_ - begin_)); }

void Peer::consume(std::size_t count) noexcept {
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

Task<bool> Peer::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  // A buffer that was filled to its end belongs to somebody who sends much. Most never need more than the first.
  const bool has_no_space = end_ == buffer_.size();
  if (has_no_space || (was_filled_ && buffer_.size() < kLargestBuffer)) {
    buffer_.resize(std::max(kFirstBuffer, buffer_.size() * 2));
  }
  const Bytes space(buffer_.data() + end_, buffer_.size() - end_);
  const IoResult result = co_await ReadSome(engine_, terms(), *stream_, space);
  if (result.status == IoStatus::end) co_return false;
  if (!result.ok()) throw gone(result);
  end_ += result.bytes;
  was_filled_ = end_ == buffer_.size();
  co_return true;
}

Task<std::optional<unsigned char>> Peer::peek_byte() {
  for (;;) {
    const WaitResult waited = co_await Readiness(engine_, terms(), stream_->socket(), Interest::read);
    if (waited != WaitResult::ready) throw PeerGone("the server was closed");
    unsigned char byte = 0;
    const ssize_t got = ::recv(stream_->socket().descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got == 0) co_return std::nullopt;
    if (got == 1) co_return byte;
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
      throw gone(IoResult(IoStatus::failed, 0, std::error_code(errno, std::system_category())));
    }
    // The readiness was a false alarm: a read says so to the loop, and takes nothing.
    std::byte unused{};
    const IoResult nothing = stream_->try_read(Bytes(&unused, 1));
    if (nothing.ok()) throw PeerGone("the connection was ready only after it had been asked");
  }
}

Task<void> Peer::write(std::string_view first, std::string_view second) {
  if (output_closed_) co_return;
  bool is_cut = false;
  if (output_left_.has_value()) {
    is_cut = first.size() + second.size() >= *output_left_;
    first = first.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(first.size(), *output_left_)));
    *output_left_ -= first.size();
    second = second.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(second.size(), *output_left_)));
    *output_left_ -= second.size();
  }
  if (!first.empty() || !second.empty()) {
    const IoResult result = co_await WriteAll(engine_, terms(), *stream_, as_bytes(first), as_bytes(second));
    if (!result.ok()) throw gone(result);
  }
  if (is_cut) throw PeerGone("the script ended the connection after so many bytes");
}

Task<void> Peer::sleep(std::chrono::milliseconds duration) {
  if (duration <= std::chrono::milliseconds::zero()) co_return;
  const WaitResult result = co_await Sleep(engine_, terms(deadline_after(engine_.now(), duration)));
  if (result == WaitResult::canceled) throw PeerGone("the server was closed");
}

Task<bool> Peer::apply(SocketEffect effect) {
  if (effect.kind() == SocketEffect::Kind::stall) {
    co_await Sleep(engine_, terms());
    throw PeerGone("the server was closed");
  }
  co_return apply_now(effect);
}

bool Peer::apply_now(SocketEffect effect) {
  if (effect.kind() == SocketEffect::Kind::reset) {
    ending_ = Ending::reset;
    return false;
  }
  if (effect.kind() == SocketEffect::Kind::close_without_notify) {
    ending_ = Ending::without_notify;
    return false;
  }
  // What HTTP/2 has for one request, HTTP/1.1 can only do by closing.
  switch (effect.side()) {
    case CloseSide::both:
      ending_ = Ending::orderly;
      return false;
    case CloseSide::in:
      ::shutdown(stream_->socket().descriptor(), SHUT_RD);
      break;
    case CloseSide::out:
      stream_->shut_down_write();
      output_closed_ = true;
      break;
  }
  return true;
}

void Peer::set_secure(Handshake handshake, std::optional<Protocol> protocol, std::string server_name, bool is_resumed) {
  handshake_ = std::move(handshake);
  protocol_ = protocol;
  server_name_ = std::move(server_name);
  is_resumed_ = is_resumed;
}

Task<void> Peer::end() {
  if (ending_ == Ending::reset) stream_->socket().reset_on_close();
  if (ending_ == Ending::orderly || ending_ == Ending::lingering) stream_->shut_down_write();
  if (ending_ != Ending::lingering) co_return;
  for (;;) {
    begin_ = end_ = 0;
    const bool has_more = co_await fill();
    if (!has_more) co_return;
  }
}

}  // namespace okhttp::internal
