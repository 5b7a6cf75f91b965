#pragma once

#include <okhttp/config.hpp>
#include <okhttp/function.hpp>
#include <okhttp/media_type.hpp>
#include <okhttp/task.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

/// Where a RequestBody writes itself. Not thread-safe; used only within write_to().
class OKHTTP_API BodySink {
 public:
  BodySink() = default;
  BodySink(const BodySink&) = delete;
  BodySink& operator=(const BodySink&) = delete;
  virtual ~BodySink() = default;

  /// Takes all of `bytes`, which must stay valid until the task is done. Throws Error when the peer or the network
  /// failed, which write_to() lets pass.
  [[nodiscard]] virtual Task<void> write(std::span<const std::byte> bytes) = 0;
  /// Sends what was taken so far without waiting for more.
  [[nodiscard]] virtual Task<void> flush() = 0;

  [[nodiscard]] Task<void> write(std::string_view text) {
    return write(std::as_bytes(std::span<const char>(text.data(), text.size())));
  }
};

/// The content of a request: something that can write itself into a sink, once or again for a retry.
///
/// Immutable and shared (`std::shared_ptr<const RequestBody>`); write_to() runs on whatever engine runs the call and
/// may be run again later, or by two calls at once, unless is_one_shot().
class OKHTTP_API RequestBody {
 public:
  RequestBody() = default;
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;
  virtual ~RequestBody() = default;

  /// Sent as Content-Type, when there is one.
  [[nodiscard]] virtual std::optional<MediaType> content_type() const { return std::nullopt; }
  /// Bytes that write_to() will write, or nothing when that is not known beforehand: the body is sent chunked.
  [[nodiscard]] virtual std::optional<std::uint64_t> content_length() const { return std::nullopt; }
  /// True when write_to() works only once: the call is then neither retried nor redirected with this body.
  [[nodiscard]] virtual bool is_one_shot() const { return false; }
  /// True when the body is written while the response is read, which takes HTTP/2: write_to() then runs on the client's
  /// loop, and may take as long as it likes. When it throws, so does whoever reads the response. Over another protocol
  /// the call fails with Errc::protocol_error. Such a body is never written again once that has begun.
  [[nodiscard]] virtual bool is_duplex() const { return false; }
  /// Told to a duplex body, on any thread and perhaps more than once, when nothing more of it will be sent although it
  /// has not come to its end: its call has failed, or the response was dropped. write() fails as well.
  virtual void exchange_ended() const noexcept {}
  /// All of the body when it lies in memory, which spares a coroutine; else nothing.
  [[nodiscard]] virtual std::optional<std::span<const std::byte>> in_memory() const { return std::nullopt; }

  /// Writes the whole body. An exception of the body's own is thrown by the call as it is.
  [[nodiscard]] virtual Task<void> write_to(BodySink& sink) const = 0;

  /// `text` as it is, with the charset the media type says (UTF-8 is what nearly every server expects).
  [[nodiscard]] static std::shared_ptr<const RequestBody> create(std::string text,
                                                                 std::optional<MediaType> type = std::nullopt);
  [[nodiscard]] static std::shared_ptr<const RequestBody> create(std::vector<std::byte> bytes,
                                                                 std::optional<MediaType> type = std::nullopt);
  /// Bytes that stay where they are: shared with the caller, not copied.
  [[nodiscard]] static std::shared_ptr<const RequestBody> shared(std::shared_ptr<const std::vector<std::byte>> bytes,
                                                                 std::optional<MediaType> type = std::nullopt);
  /// `text` as application/json.
  [[nodiscard]] static std::shared_ptr<const RequestBody> json(std::string text);
  /// The file's content, read while it is sent. Its size is taken now; throws Error(Errc::io) if that fails.
  [[nodiscard]] static std::shared_ptr<const RequestBody> file(const std::string& path,
                                                               std::optional<MediaType> type = std::nullopt);
  /// Gives the next piece each time it is called, and nothing at the end. It runs on the call's engine, so it must not
  /// wait: it is meant for data that is at hand.
  using Pieces = std::function<std::optional<std::string>()>;
  /// A body of pieces; `make_pieces` starts them anew for each try.
  [[nodiscard]] static std::shared_ptr<const RequestBody> generator(std::function<Pieces()> make_pieces,
                                                                    std::optional<MediaType> type = std::nullopt);
  /// A stream that can be read only once.
  [[nodiscard]] static std::shared_ptr<const RequestBody> one_shot(Pieces pieces,
                                                                   std::optional<MediaType> type = std::nullopt,
                                                                   std::optional<std::uint64_t> length = std::nullopt);
  /// A coroutine that writes the body itself; run anew for each try.
  using Writer = std::function<Task<void>(BodySink&)>;
  [[nodiscard]] static std::shared_ptr<const RequestBody> writer(Writer write,
                                                                 std::optional<MediaType> type = std::nullopt,
                                                                 std::optional<std::uint64_t> length = std::nullopt);
  /// The same as a duplex body, which is written while the response is read. An example is a PipeBody, which other
  /// threads write to.
  [[nodiscard]] static std::shared_ptr<const RequestBody> duplex(Writer write,
                                                                 std::optional<MediaType> type = std::nullopt);
  /// No bytes at all.
  [[nodiscard]] static std::shared_ptr<const RequestBody> empty();
};

using RequestBodyPtr = std::shared_ptr<const RequestBody>;

}  // namespace okhttp
