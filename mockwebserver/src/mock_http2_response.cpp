#include "mock_http2_response.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "encoded_body.hpp"
#include "mock_http2_connection.hpp"
#include "mock_http2_effect.hpp"

namespace okhttp::internal {
namespace {

/// The code of a whole status line, as a script may give it, else the script's.
int status_code(const ResponseScript& script) noexcept {
  if (!script.status_line.has_value()) return script.code;
  const std::string& line = *script.status_line;
  const std::size_t space = line.find(' ');
  if (space == std::string::npos) return script.code;
  int code = 0;
  const auto [end, error] = std::from_chars(line.data() + space + 1, line.data() + line.size(), code);
  return error == std::errc() ? code : script.code;
}

/// HTTP/2 has no chunks: the same content goes out without them.
ScriptedBody unchunked(const ScriptedBody& body) {
  ScriptedBody plain = body;
  plain.chunk_size = 0;
  return plain;
}

Task<bool> send_body(MockHttp2Stream& stream, const ResponseScript& script) {
  const ScriptedBody content = unchunked(script.body);
  EncodedBody body(content);
  std::optional<SocketEffect> effect = script.on_response_body;
  const std::uint64_t half = body.remaining() / 2;
  const bool ends_with_body = script.trailers.empty() && script.trailers_delay <= std::chrono::milliseconds::zero();
  std::uint64_t sent = 0;
  std::uint64_t pace_left = script.throttle.bytes;
  while (body.remaining() > 0) {
    if (effect.has_value() && sent == half) {
      const bool goes_on = co_await apply_http2_effect(stream, *std::exchange(effect, std::nullopt));
      if (!goes_on) co_return false;
    }
    std::uint64_t wanted = body.remaining();
    if (effect.has_value()) wanted = half - sent;
    if (script.throttle.is_set()) wanted = std::min(wanted, pace_left);
    const std::string_view run = body.next(wanted);
    sent += run.size();
    const bool ends = ends_with_body && body.remaining() == 0;
    co_await stream.send(run, ends);
    if (!script.throttle.is_set()) continue;
    pace_left -= run.size();
    if (pace_left > 0 || body.remaining() == 0) continue;
    co_await stream.sleep(script.throttle.period);
    pace_left = script.throttle.bytes;
  }
  if (!stream.has_response_ended()) {
    co_await stream.sleep(script.trailers_delay);
    co_await stream.end(script.trailers);
  }
  co_return true;
}

}  // namespace

Task<void> send_http2_head(MockHttp2Stream& stream, const ResponseScript& script, bool ends) {
  if (script.disconnect_after.has_value()) {
    co_await stream.flush();
    stream.connection().peer().limit_output(script.disconnect_after);
  }
  for (const Informational& early : script.informational) stream.send_informational(early.code, early.headers);
  co_await stream.sleep(script.header_delay);
  if (!script.is_raw) stream.send_head(status_code(script), script.headers.build(), ends);
}

Task<bool> send_http2_response(MockHttp2Stream& stream, const ResponseScript& script, std::string_view request_method) {
  const bool has_body = script.body.size > 0 || !script.trailers.empty() || script.body_delay.count() > 0 ||
                        script.trailers_delay.count() > 0;
  const bool is_head_alone = !script.is_raw && (request_method == "HEAD" || !has_body);
  co_await send_http2_head(stream, script, is_head_alone);
  if (is_head_alone) co_return true;
  co_await stream.sleep(script.body_delay);
  if (script.is_raw) {
    stream.check();
    stream.connection().write_raw(*script.body.bytes);
    co_await stream.flush();
    co_return true;
  }
  co_return co_await send_body(stream, script);
}

}  // namespace okhttp::internal
