#pragma once

#include <okhttp/config.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/media_type.hpp>
#include <okhttp/task.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace okhttp {

namespace internal {
struct ResponseBodyAccess;
}

/// Takes what still comes of a body after its reader has gone. Called by one thread at a time; nothing more comes once
/// it is destroyed.
class OKHTTP_API BodyRest {
 public:
  BodyRest() = default;
  BodyRest(const BodyRest&) = delete;
  BodyRest& operator=(const BodyRest&) = delete;
  virtual ~BodyRest() = default;
  virtual void take(std::span<const std::byte> bytes) noexcept = 0;
  /// The body ends with what was taken. The last call.
  virtual void complete() noexcept = 0;
};

/// Where a ResponseBody's bytes come from. Used by one coroutine at a time; destroying it releases what is behind it.
class OKHTTP_API BodySource {
 public:
  BodySource() = default;
  BodySource(const BodySource&) = delete;
  BodySource& operator=(const BodySource&) = delete;
  virtual ~BodySource() = default;

  /// Reads at least one byte into `into`, which is not empty and stays valid until the task is done; 0 at the end.
  /// Throws Error when the body is broken off.
  [[nodiscard]] virtual Task<std::size_t> read_some(std::span<std::byte> into) = 0;
  /// True when it is known already that the next read_some() gives 0, which spares that read.
  [[nodiscard]] virtual bool is_at_end() const noexcept { return false; }
  /// Nobody reads on: what is at hand, or comes while the source ends by itself, goes to `rest`, which is not null.
  /// Never waits. On any thread, not while a read_some() runs; the last call. Not all sources have a rest to give.
  virtual void abandon_to(std::unique_ptr<BodyRest> /*rest*/) noexcept {}
  /// Fields after the body, once it is at its end.
  [[nodiscard]] virtual Headers trailers() const { return Headers(); }
};

/// The content of a response, as a stream that is read once.
///
/// A handle: copies share the stream. Used by one thread or coroutine at a time. The plain names block the thread that
/// calls them, and throw std::logic_error on a client's own loop, where they would stop every call; async() offers the
/// same as tasks. When the last handle goes, the connection is kept if the rest of the body is at hand, else closed;
/// that never waits.
///
/// Everything that reads throws Error: read_timeout, timeout, canceled, connection_closed when the peer broke off,
/// protocol_error, decode_failed, limit_exceeded.
class OKHTTP_API ResponseBody {
 public:
  /// No bytes.
  ResponseBody() noexcept;
  /// A body from elsewhere, as interceptors make them.
  [[nodiscard]] static ResponseBody create(std::string text, std::optional<MediaType> type = std::nullopt);
  [[nodiscard]] static ResponseBody create(std::unique_ptr<BodySource> source, std::optional<MediaType> type,
                                           std::optional<std::uint64_t> length);
  /// The same with the media type that `headers` name, which is read when somebody asks for it.
  [[nodiscard]] static ResponseBody create(std::unique_ptr<BodySource> source, const Headers& headers,
                                           std::optional<std::uint64_t> length);

  [[nodiscard]] const std::optional<MediaType>& content_type() const noexcept;
  /// Bytes as announced, or nothing when that is not known (chunked, decoded).
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept;

  /// What string() and bytes() take at most, unless told otherwise.
  static constexpr std::uint64_t kDefaultLimit = std::uint64_t{1} << 30;

  /// Reads at least one byte and at most `into.size()`, or returns 0 at the end.
  [[nodiscard]] std::size_t read_some(std::span<std::byte> into) const;
  /// Passes over `count` bytes, or fewer at the end; returns how many.
  std::uint64_t skip(std::uint64_t count) const;
  /// The rest, as text in UTF-8: a byte order mark or the charset of Content-Type is obeyed (UTF-8, UTF-16, UTF-32,
  /// ISO-8859-1, US-ASCII); other charsets are given as they are. More than `max` bytes end in Errc::limit_exceeded.
  [[nodiscard]] std::string string(std::uint64_t max = kDefaultLimit) const;
  /// The rest as it is.
  [[nodiscard]] std::vector<std::byte> bytes(std::uint64_t max = kDefaultLimit) const;
  /// Writes the rest to a temporary file beside `path`, which takes its name when all is there. Returns the bytes.
  std::uint64_t save_to(const std::string& path) const;
  /// Up to `count` bytes of what comes next, which stay to be read.
  [[nodiscard]] std::vector<std::byte> peek(std::size_t count) const;
  /// Fields that came after the body (RFC 9110 §6.5); empty until it has been read to its end.
  [[nodiscard]] Headers trailers() const;
  /// Ends the reading. May be called any number of times; never waits.
  void close() const noexcept;

  /// The same operations as tasks, which resume on the engine they were awaited on, else on the client's loop.
  class OKHTTP_API Async {
   public:
    /// As the plain forms; `into` must stay valid until the task is done.
    [[nodiscard]] Task<std::size_t> read_some(std::span<std::byte> into) const;
    [[nodiscard]] Task<std::uint64_t> skip(std::uint64_t count) const;
    [[nodiscard]] Task<std::string> string(std::uint64_t max = kDefaultLimit) const;
    [[nodiscard]] Task<std::vector<std::byte>> bytes(std::uint64_t max = kDefaultLimit) const;
    [[nodiscard]] Task<std::uint64_t> save_to(std::string path) const;
    [[nodiscard]] Task<std::vector<std::byte>> peek(std::size_t count) const;

   private:
    friend class ResponseBody;
    friend struct internal::ResponseBodyAccess;
    struct State;
    explicit Async(std::shared_ptr<State> state) noexcept;
    std::shared_ptr<State> state_;
  };
  [[nodiscard]] Async async() const noexcept;

 private:
  friend struct internal::ResponseBodyAccess;
  explicit ResponseBody(std::shared_ptr<Async::State> state) noexcept;
  std::shared_ptr<Async::State> state_;
};

}  // namespace okhttp
