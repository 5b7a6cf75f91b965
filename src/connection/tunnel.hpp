#pragma once

#include <okhttp/request.hpp>
#include <okhttp/response.hpp>
#include <okhttp/task.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "codec/exchange_codec.hpp"
#include "codec/read_buffer.hpp"
#include "route/route.hpp"
#include "runtime/clock.hpp"
#include "runtime/stream.hpp"

namespace okhttp::internal {

struct CallContext;

/// Has an HTTP proxy connect us to the server of a route (CONNECT, RFC 9110 §9.3.6).
///
/// It says nothing but Host, Proxy-Connection, User-Agent and the credentials that are for this proxy: what the caller
/// set on his request is the server's, and the proxy is not to see it.
///
/// Invariants:
/// 1. After open() said so, everything that comes on the stream is the server's.
/// 2. A challenge is answered on the same connection when the proxy keeps it.
class Tunnel final {
 public:
  static constexpr unsigned kMaxChallenges = 21;
  static constexpr std::size_t kMaxHeadBytes = std::size_t{256} * 1024;
  /// So much of the body of a challenge is read for the connection's sake.
  static constexpr std::size_t kMaxSkipped = std::size_t{64} * 1024;

  /// `context` and `route` outlive the tunnel. Each wait may take the call's read or write timeout, and every open()
  /// until `until`. `authorization` is what to show the proxy before it asks.
  Tunnel(CallContext& context, const Route& route, TimePoint until, std::optional<std::string> authorization);

  enum class Outcome : std::uint8_t {
    open,
    closed_after_challenge,  ///< the challenge was answered: open() again on a new connection to the proxy
  };
  /// Asks on `stream`, at whose other end is the proxy.
  ///
  /// Throws Error: proxy_failed when the proxy refuses or breaks the rules, with its answer; what a deadline, a
  /// cancellation or the authenticator cause. Resumes on the engine of the call.
  Task<Outcome> open(Stream& stream);

 private:
  [[nodiscard]] Request connect_request() const;
  [[nodiscard]] std::string doing() const;
  [[nodiscard]] Error failed(const std::string& why) const;
  [[nodiscard]] Error refused(const ResponseHead& answer) const;
  /// As much as one read may take: all there is, or one byte where the server may speak at once behind the answer.
  [[nodiscard]] Bytes room();

  Task<void> send(Stream& stream, std::string head);
  Task<bool> read_more(Stream& stream);
  Task<ResponseHead> read_final_head(Stream& stream);
  Task<ResponseHead> read_head(Stream& stream, std::size_t& bytes_left);
  /// True when the body was skipped and the connection may be used again.
  Task<bool> skip_body(Stream& stream, const ResponseHead& head);
  Task<bool> skip_length(Stream& stream, std::uint64_t length);
  Task<bool> skip_chunks(Stream& stream);
  /// Throws when the authenticator has nothing else to show.
  Task<void> answer(const Request& refused_request, const ResponseHead& challenge);

  CallContext& context_;
  const Route& route_;
  const TimePoint until_;
  std::optional<std::string> authorization_;
  unsigned challenges_ = 0;
  ReadBuffer buffer_;
};

}  // namespace okhttp::internal
