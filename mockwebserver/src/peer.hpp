#pragma once

#include <okhttp/handshake.hpp>
#include <okhttp/mockwebserver/mock_response.hpp>
#include <okhttp/mockwebserver/socket_effect.hpp>
#include <okhttp/protocol.hpp>
#include <okhttp/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/cancellation.hpp"
#include "runtime/stream.hpp"

namespace okhttp::internal {

/// Thrown through a connection's coroutines when the connection can do no more: the client went away, a scripted effect
/// ended it, or the server is being closed.
class PeerGone final : public std::exception {
 public:
  explicit PeerGone(std::string why) : why_(std::move(why)) {}
  [[nodiscard]] const char* what() const noexcept override { return why_.c_str(); }

 private:
  std::string why_;
};

/// What is known of a response before its request was read.
struct Reservation {
  Reservation(MockResponse script, bool answers) : response(std::move(script)), is_answer(answers) {}
  MockResponse response;
  bool is_answer;  // false for a dispatcher's foresight, which is obeyed and never sent
};

/// One accepted connection: its stream, what was read ahead of it, and how it is to end.
///
/// Everything on the server's loop. The coroutines throw PeerGone.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): members stand by what they are for
class Peer {
 public:
  Peer(Engine& engine, std::unique_ptr<Stream> stream, std::size_t index);

  [[nodiscard]] Engine& engine() noexcept { return engine_; }
  [[nodiscard]] Stream& stream() noexcept { return *stream_; }
  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  [[nodiscard]] std::size_t next_exchange() noexcept { return exchanges_++; }
  /// What ends a wait: the server's close, or that deadline.
  [[nodiscard]] WaitTerms terms(TimePoint deadline = kNever) const noexcept {
    return WaitTerms(cancellation_.get(), deadline);
  }
  /// Ends the connection at its present or next wait.
  void cancel() noexcept { cancellation_->request(); }
  /// The same before it returns: this object may be gone then.
  void cancel_now() noexcept;

  // Reading.

  [[nodiscard]] std::string_view buffered() const noexcept;
  void consume(std::size_t count) noexcept;
  /// Reads more behind what is buffered; false when the client has closed its side.
  Task<bool> fill();
  /// The first byte that the client sent, without taking it; nothing when it closed. Only while nothing is buffered
  /// and the stream is the bare socket.
  Task<std::optional<unsigned char>> peek_byte();

  // Writing.

  /// Writes all of it, unless the limit on the output ends the connection before.
  Task<void> write(std::string_view first, std::string_view second = {});
  /// Closes the connection after that many more bytes.
  void limit_output(std::optional<std::uint64_t> bytes) noexcept { output_left_ = bytes; }

  // Waiting.

  Task<void> sleep(std::chrono::milliseconds duration);
  /// Does what the script says. False when the connection is over by that.
  Task<bool> apply(SocketEffect effect);
  /// The same for what needs no waiting, which is all but a stall.
  bool apply_now(SocketEffect effect);

  // TLS.

  /// Takes the stream out, to put TLS above it and give it back by secure().
  [[nodiscard]] std::unique_ptr<Stream> release_stream() noexcept { return std::move(stream_); }
  void restore_stream(std::unique_ptr<Stream> stream) noexcept { stream_ = std::move(stream); }
  void set_secure(Handshake handshake, std::optional<Protocol> protocol, std::string server_name, bool is_resumed);
  [[nodiscard]] const std::optional<Handshake>& handshake() const noexcept { return handshake_; }
  /// What ALPN agreed upon, if anything.
  [[nodiscard]] std::optional<Protocol> protocol() const noexcept { return protocol_; }
  [[nodiscard]] const std::string& server_name() const noexcept { return server_name_; }
  [[nodiscard]] bool is_resumed() const noexcept { return is_resumed_; }

  // The end.

  enum class Ending : std::uint8_t {
    orderly,         // says that nothing more comes and closes
    lingering,       // says so, then reads until the client closes: unread bytes would make the close a reset
    without_notify,  // closes TCP only
    reset,
  };
  void set_ending(Ending ending) noexcept { ending_ = ending; }
  /// Does what the ending asks for; the connection is closed when this object is destroyed after it.
  Task<void> end();

  /// True between two exchanges.
  bool is_idle = false;
  /// Reserved for the next exchange, with its effect at the request's start done.
  std::optional<Reservation> reserved;

 private:
  Engine& engine_;
  std::unique_ptr<Stream> stream_;
  std::shared_ptr<Cancellation> cancellation_ = std::make_shared<Cancellation>();
  std::size_t index_;
  std::size_t exchanges_ = 0;
  std::optional<Handshake> handshake_;
  std::optional<Protocol> protocol_;
  std::string server_name_;
  bool is_resumed_ = false;

  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool was_filled_ = false;

  std::optional<std::uint64_t> output_left_;
  bool output_closed_ = false;
  Ending ending_ = Ending::orderly;
};

}  // namespace okhttp::internal
