#pragma once

#include <okhttp/config.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/response_body.hpp>
#include <okhttp/task.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace okhttp {

namespace internal {
class MultipartReading;
}

/// What a multipart body may have; reading one that has more ends in Errc::limit_exceeded.
struct OKHTTP_API MultipartLimits {
  MultipartLimits() = default;
  std::size_t max_header_bytes = std::size_t{64} << 10;  ///< of one part, line ends included
  std::size_t max_headers = 100;                         ///< of one part
  std::size_t max_parts = 10'000;
  std::size_t max_preamble_bytes = std::size_t{64} << 10;  ///< what comes before the first part
};

/// Reads a multipart body part by part, while it arrives (RFC 2046 §5.1): multipart/mixed, multipart/form-data,
/// multipart/byteranges and any other kind.
///
///     okhttp::MultipartReader reader(response.body());
///     while (const auto part = reader.next_part()) use(part->headers(), part->body().string());
///
/// A handle: copies share the reading, which one thread or coroutine at a time does. The plain names block as those of
/// ResponseBody do, and throw std::logic_error on a client's own loop; async() offers the same as tasks. No more than a
/// piece of the body, or the headers of one part, is in memory at a time.
///
/// Strict, so that two readers cannot see different parts: lines end in CRLF, headers are formed as in HTTP, and a line
/// that begins with the boundary is one, with white space behind it at most. What comes before the first part and after
/// the last is passed over. A Content-Transfer-Encoding of a part is not undone: HTTP has none (RFC 9110 §6.1).
///
/// Everything that reads throws Error: protocol_error when the body is malformed or ends before its closing boundary,
/// limit_exceeded, and whatever reading the body beneath throws. It throws so again at each further attempt.
class OKHTTP_API MultipartReader {
 public:
  /// One part. A handle, as the reader is.
  class OKHTTP_API Part {
   public:
    [[nodiscard]] const Headers& headers() const noexcept { return headers_; }
    /// The last value of that header.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept {
      return headers_.get(name);
    }
    /// The content, as a stream that is read once, with the type that the part's Content-Type says; its length is not
    /// known beforehand. Asking for the next part passes over what is left of this one, which then cannot be read any
    /// more: std::logic_error. A part of parts is read by a MultipartReader of its body.
    [[nodiscard]] const ResponseBody& body() const noexcept { return body_; }

   private:
    friend class MultipartReader;
    friend class internal::MultipartReading;
    Part(Headers headers, ResponseBody body) noexcept : headers_(std::move(headers)), body_(std::move(body)) {}

    Headers headers_;
    ResponseBody body_;
  };

  /// Reads `body`, whose Content-Type has to be multipart and to name the boundary: throws Error (protocol_error)
  /// otherwise. Nobody else may read it meanwhile.
  explicit MultipartReader(ResponseBody body, MultipartLimits limits = MultipartLimits());
  /// The same with a boundary that is known from elsewhere: 1 to 70 of the characters that RFC 2046 §5.1.1 allows, else
  /// throws std::invalid_argument.
  MultipartReader(ResponseBody body, std::string_view boundary, MultipartLimits limits = MultipartLimits());
  /// Reads what `source` gives, which is not null.
  MultipartReader(std::unique_ptr<BodySource> source, std::string_view boundary,
                  MultipartLimits limits = MultipartLimits());

  [[nodiscard]] const std::string& boundary() const noexcept;

  /// The next part, or nothing after the last. What is left of the part before is passed over first. After the last one
  /// the body is read to its end if that takes at most 64 KiB, so that its connection can be used again.
  [[nodiscard]] std::optional<Part> next_part() const;

  /// The same as a task, which resumes on the engine it was awaited on, else on the client's loop.
  class OKHTTP_API Async {
   public:
    [[nodiscard]] Task<std::optional<Part>> next_part() const;

   private:
    friend class MultipartReader;
    explicit Async(std::shared_ptr<internal::MultipartReading> reading) noexcept;
    std::shared_ptr<internal::MultipartReading> reading_;
  };
  [[nodiscard]] Async async() const noexcept;

 private:
  std::shared_ptr<internal::MultipartReading> reading_;
};

}  // namespace okhttp
