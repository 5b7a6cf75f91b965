#pragma once

#include <okhttp/ip_address.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "runtime/engine.hpp"

namespace okhttp::internal {

class Socket;
struct SocketSettings;

using ConstBytes = std::span<const std::byte>;
using Bytes = std::span<std::byte>;

[[nodiscard]] inline ConstBytes as_bytes(std::string_view text) noexcept {
  return ConstBytes(reinterpret_cast<const std::byte*>(text.data()), text.size());
}
[[nodiscard]] inline std::string_view as_text(ConstBytes bytes) noexcept {
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// How an attempt to move bytes ended.
enum class IoStatus : std::uint8_t {
  ok,
  end,               ///< the peer closed its side in an orderly way
  would_block_read,  ///< nothing moved: again when the socket is readable
  would_block_write,
  failed,    ///< `error` says why
  deadline,  ///< the wait took too long; only from the awaitable forms
  canceled,  ///< the call was canceled; only from the awaitable forms
};

struct IoResult {
  IoResult() noexcept = default;
  IoResult(IoStatus how, std::size_t count, std::error_code why = {}) noexcept
      : status(how), bytes(count), error(why) {}
  IoStatus status = IoStatus::ok;
  std::size_t bytes = 0;
  std::error_code error;

  [[nodiscard]] bool ok() const noexcept { return status == IoStatus::ok; }
  [[nodiscard]] bool would_block() const noexcept {
    return status == IoStatus::would_block_read || status == IoStatus::would_block_write;
  }
};

/// A two-way stream of bytes: a socket, or TLS above another stream.
///
/// One reader and one writer at a time, both on the engine that has adopted socket(). Nothing is pending between two
/// operations, so whoever holds the stream next may have another engine adopt it.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  /// Reads what is there, at most into.size() (above 0), without waiting.
  [[nodiscard]] virtual IoResult try_read(Bytes into) noexcept = 0;
  /// Writes what fits of the pieces in order, without waiting; the count may end inside a piece.
  [[nodiscard]] virtual IoResult try_write(std::span<const ConstBytes> from) noexcept = 0;
  /// The socket at the bottom, which is what one waits for.
  [[nodiscard]] virtual Socket& socket() noexcept = 0;

  /// One look, without waiting, at a stream on which nothing is expected: true when the peer neither closed it nor sent
  /// anything. Records that carry no application data (TLS 1.3 tickets) are consumed and are no fault.
  [[nodiscard]] virtual bool is_quiet() noexcept = 0;
  /// True when it took bytes from the socket that nobody has read yet, be they data or not.
  [[nodiscard]] virtual bool holds_unread() const noexcept { return false; }

  /// Tells the peer, as far as that needs no waiting, that nothing more comes.
  virtual void shut_down_write() noexcept = 0;

  /// What an `error` of this stream's own category meant, in words; empty when it has nothing to add.
  [[nodiscard]] virtual std::string failure_text() const { return {}; }
};

/// The stream at the bottom. Closed when destroyed.
class Socket : public Stream {
 public:
  Socket& socket() noexcept final { return *this; }

  /// How the connect that made this socket went, once it is writable.
  [[nodiscard]] virtual std::error_code connect_result() noexcept = 0;
  [[nodiscard]] virtual Endpoint local_endpoint() const noexcept = 0;
  [[nodiscard]] virtual Endpoint peer_endpoint() const noexcept = 0;
  /// The operating system's descriptor, or -1 when there is none.
  [[nodiscard]] virtual int descriptor() const noexcept = 0;
  /// Lets the next try_read() ask the system once although nothing says that there is something to read.
  virtual void allow_one_read() noexcept = 0;
  /// Closes with RST instead of FIN when destroyed, as scripted peers do.
  virtual void reset_on_close() noexcept = 0;
};

/// A listening socket.
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;

  /// The next connection that waits to be accepted, or null: with no error when one has to wait until socket() is
  /// readable.
  [[nodiscard]] virtual std::unique_ptr<Socket> try_accept(std::error_code& error) noexcept = 0;
  [[nodiscard]] virtual Socket& socket() noexcept = 0;
  [[nodiscard]] virtual Endpoint endpoint() const noexcept = 0;
};

/// Where to connect, and with what kind of socket, if that matters.
struct ConnectRequest {
  explicit ConnectRequest(Endpoint where, const SocketSettings* how = nullptr) noexcept : peer(where), settings(how) {}
  Endpoint peer;
  const SocketSettings* settings;  ///< needed no longer than begin_connect() takes
};

/// Where to listen.
struct ListenRequest {
  explicit ListenRequest(Endpoint where, int waiting = 1024) noexcept : endpoint(where), backlog(waiting) {}
  Endpoint endpoint;
  int backlog;
};

/// co_await ReadSome(...): reads at least one byte, or ends with end, failed, deadline or canceled.
class ReadSome final : public Wait {
 public:
  ReadSome(Engine& engine, WaitTerms terms, Stream& stream, Bytes into) noexcept
      : Wait(terms, &stream.socket(), Interest::read), reading_on_(engine), stream_(stream), into_(into) {}
  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> waiter) noexcept { suspend(reading_on_, waiter); }
  [[nodiscard]] IoResult await_resume() const noexcept;
  bool attempt() noexcept override;
  [[nodiscard]] bool reads_when_attempted() const noexcept override { return true; }

 private:
  Engine& reading_on_;
  Stream& stream_;
  Bytes into_;
  IoResult outcome_;
};

/// co_await WriteAll(...): writes every byte of up to two pieces (a head and the body's beginning), or ends early.
class WriteAll final : public Wait {
 public:
  WriteAll(Engine& engine, WaitTerms terms, Stream& stream, ConstBytes first, ConstBytes second = {}) noexcept
      : Wait(terms, &stream.socket(), Interest::write), writing_on_(engine), stream_(stream), pieces_{first, second} {}
  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> waiter) noexcept { suspend(writing_on_, waiter); }
  /// The count is of all bytes written, also when it ended early.
  [[nodiscard]] IoResult await_resume() const noexcept;
  bool attempt() noexcept override;

 private:
  Engine& writing_on_;
  Stream& stream_;
  ConstBytes pieces_[2];
  std::size_t written_ = 0;
  IoResult outcome_;
};

/// co_await Readiness(...): until the socket may be ready in that direction; reads and writes nothing.
class Readiness final : public Wait {
 public:
  Readiness(Engine& engine, WaitTerms terms, Socket& socket, Interest interest) noexcept
      : Wait(terms, &socket, interest), waiting_on_(engine) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { suspend(waiting_on_, waiter); }
  [[nodiscard]] WaitResult await_resume() const noexcept { return result(); }
  bool attempt() noexcept override { return is_parked(); }

 private:
  Engine& waiting_on_;
};

}  // namespace okhttp::internal
