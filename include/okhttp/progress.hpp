#pragma once

#include <okhttp/config.hpp>
#include <okhttp/function.hpp>
#include <okhttp/request_body.hpp>
#include <okhttp/response.hpp>
#include <okhttp/response_body.hpp>

#include <cstdint>
#include <optional>

namespace okhttp {

/// How far a body has come.
struct OKHTTP_API Progress {
  Progress() = default;
  Progress(std::uint64_t bytes, std::optional<std::uint64_t> of_all) noexcept : transferred(bytes), total(of_all) {}

  std::uint64_t transferred = 0;       ///< bytes
  std::optional<std::uint64_t> total;  ///< bytes, when that is known
  /// True when all of it has come, which is told once.
  [[nodiscard]] bool is_complete() const noexcept { return transferred == total; }
};

/// Called after each piece of a body; when the last one has come `total` is known, if need be by a further call, so
/// that the last call for a whole body is_complete().
///
/// It is called by whoever runs the transfer, never by two threads at once for one transfer: the calling thread of a
/// blocking function, else the loop, which it must not block. What it throws ends the transfer.
using ProgressCallback = std::function<void(const Progress& progress)>;

/// `body`, which tells how much of it was handed to the connection: not what has arrived, as some of it may wait in
/// buffers. Pieces are of 64 KiB at most. A body that is sent again, for a redirect or a retry, counts from 0 again,
/// and one that several calls send at once tells the callback of all of them, from all their threads.
///
/// Throws std::invalid_argument when one of the two is null.
[[nodiscard]] OKHTTP_API RequestBodyPtr with_progress(RequestBodyPtr body, ProgressCallback callback);

/// `body`, which tells how much of it was read. Reads on from where `body` is, which must not be read elsewhere then.
/// `total` is the body's content_length().
///
/// Throws std::invalid_argument when the callback is null.
[[nodiscard]] OKHTTP_API ResponseBody with_progress(ResponseBody body, ProgressCallback callback);

/// `response` with its body in that manner. The bytes of a response that a call returns are decoded, and their number
/// is not known beforehand when it came with a Content-Encoding. A network interceptor that returns
/// `with_progress(response, ...)` counts what comes over the network instead, against Content-Length.
[[nodiscard]] OKHTTP_API Response with_progress(const Response& response, ProgressCallback callback);

}  // namespace okhttp
