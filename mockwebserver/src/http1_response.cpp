#include "http1_response.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "encoded_body.hpp"

namespace okhttp::internal {
namespace {

/// Gathers small pieces into one write.
class Gathering {
 public:
  explicit Gathering(Peer& peer) noexcept : peer_(peer) {}

  Task<void> add(std::string_view bytes) {
    if (pending_.size() + bytes.size() <= kWorthAWrite) {
      pending_ += bytes;
      co_return;
    }
    const std::string before = std::exchange(pending_, {});
    co_await peer_.write(before, bytes);
  }

  Task<void> flush() {
    if (pending_.empty()) co_return;
    const std::string before = std::exchange(pending_, {});
    co_await peer_.write(before);
  }

  Task<void> pause(std::chrono::milliseconds duration) {
    if (duration <= std::chrono::milliseconds::zero()) co_return;
    co_await flush();
    co_await peer_.sleep(duration);
  }

 private:
  static constexpr std::size_t kWorthAWrite = std::size_t{16} * 1024;

  Peer& peer_;
  std::string pending_;
};

// Not by append_response_head(): a script may say what no well-behaved server would.
std::string head_of(std::string_view status_line, const Headers& headers) {
  std::string head(status_line);
  head += "\r\n";
  head += headers.wire_text();
  head += "\r\n";
  return head;
}

std::string status_line(int code) {
  return "HTTP/1.1 " + std::to_string(code) + " " + std::string(default_reason(code));
}

Task<bool> send_body(Peer& peer, Gathering& out, const ResponseScript& script) {
  EncodedBody body(script.body);
  std::optional<SocketEffect> effect = script.on_response_body;
  const std::uint64_t half = body.remaining() / 2;
  std::uint64_t sent = 0;
  std::uint64_t pace_left = script.throttle.bytes;
  while (body.remaining() > 0) {
    if (effect.has_value() && sent == half) {
      co_await out.flush();
      const bool goes_on = co_await peer.apply(*std::exchange(effect, std::nullopt));
      if (!goes_on) co_return false;
    }
    std::uint64_t wanted = body.remaining();
    if (effect.has_value()) wanted = half - sent;
    if (script.throttle.is_set()) wanted = std::min(wanted, pace_left);
    const std::string_view run = body.next(wanted);
    sent += run.size();
    co_await out.add(run);
    if (!script.throttle.is_set()) continue;
    pace_left -= run.size();
    if (pace_left > 0 || body.remaining() == 0) continue;
    co_await out.pause(script.throttle.period);
    pace_left = script.throttle.bytes;
  }
  if (script.body.chunk_size > 0) {
    co_await out.pause(script.trailers_delay);
    const std::string last_chunk = head_of("0", script.trailers);
    co_await out.add(last_chunk);
  }
  co_return true;
}

}  // namespace

Task<bool> send_http1_response(Peer& peer, const ResponseScript& script, std::string_view request_method) {
  peer.limit_output(script.disconnect_after);
  Gathering out(peer);
  for (const Informational& early : script.informational) {
    const std::string head = head_of(status_line(early.code), early.headers);
    co_await out.add(head);
  }
  co_await out.flush();
  co_await out.pause(script.header_delay);
  if (!script.is_raw) {
    const std::string head = head_of(script.status(), script.headers.build());
    co_await out.add(head);
  }
  if (script.is_raw || request_method != "HEAD") {
    co_await out.pause(script.body_delay);
    const bool goes_on = co_await send_body(peer, out, script);
    if (!goes_on) co_return false;
  }
  co_await out.flush();
  co_return true;
}

}  // namespace okhttp::internal
