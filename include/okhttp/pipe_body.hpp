#pragma once

#include <okhttp/config.hpp>
#include <okhttp/request_body.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace okhttp {

/// A duplex request body that is written from outside, while its call runs and its response is read (HTTP/2):
///
///     auto questions = std::make_shared<okhttp::PipeBody>();
///     okhttp::Response response = client.new_call(okhttp::Request::post(url, questions)).execute();
///     questions->write("how are you?\n");   // on its way at once
///     response.body().read_some(answer);
///     questions->close();
///
/// For one call. Thread-safe.
class OKHTTP_API PipeBody final : public RequestBody {
 public:
  static constexpr std::size_t kDefaultCapacity = std::size_t{64} * 1024;

  /// At most `capacity` bytes wait to be sent.
  explicit PipeBody(std::optional<MediaType> type = std::nullopt, std::size_t capacity = kDefaultCapacity);
  ~PipeBody() override;

  /// Takes all of `bytes`; blocks while the pipe is full, that is until the call has begun and the server reads.
  /// Throws Error when the call has failed or its response was dropped, with the reason where there is one;
  /// std::logic_error after close(), and on a loop's own thread: a coroutine writes by RequestBody::duplex().
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span<const char>(text.data(), text.size()))); }
  /// The request is complete. Does not wait for what is still to be sent.
  void close() noexcept;
  /// The request comes to no end: its call fails with Errc::canceled.
  void cancel() noexcept;

  [[nodiscard]] std::optional<MediaType> content_type() const override;
  [[nodiscard]] bool is_one_shot() const override { return true; }
  [[nodiscard]] bool is_duplex() const override { return true; }
  [[nodiscard]] Task<void> write_to(BodySink& sink) const override;
  void exchange_ended() const noexcept override;

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace okhttp
