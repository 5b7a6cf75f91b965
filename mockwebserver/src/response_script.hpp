#pragma once

#include <okhttp/headers.hpp>
#include <okhttp/mockwebserver/mock_response.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace okhttp::internal {

/// So many bytes, then a pause.
struct Throttle {
  std::uint64_t bytes = 0;
  std::chrono::milliseconds period{0};
  [[nodiscard]] bool is_set() const noexcept { return bytes > 0; }
};

/// A response sent ahead of the final one.
struct Informational {
  Informational(int status_code, Headers fields) : code(status_code), headers(std::move(fields)) {}
  int code;
  Headers headers;
};

/// Where a body's bytes come from.
struct ScriptedBody {
  std::shared_ptr<const std::string> bytes;  // null when generated
  std::uint64_t size = 0;
  std::size_t chunk_size = 0;  // 0: not chunked
};

/// What a MockResponse holds.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): members stand by what they are for
struct ResponseScript {
  int code = 200;
  std::optional<std::string> reason;
  std::optional<std::string> status_line;
  Headers::Builder headers;
  bool has_length_by_default = true;  // no body and no header said otherwise
  std::vector<Informational> informational;
  ContinueRule continue_rule = ContinueRule::when_expected;

  ScriptedBody body;
  Headers trailers;
  bool is_raw = false;  // the body is head and body

  std::chrono::milliseconds header_delay{0};
  std::chrono::milliseconds body_delay{0};
  std::chrono::milliseconds trailers_delay{0};
  Throttle throttle;
  Throttle request_throttle;

  std::optional<SocketEffect> on_request_start;
  std::optional<SocketEffect> on_request_body;
  std::optional<SocketEffect> on_response_start;
  std::optional<SocketEffect> on_response_body;
  std::optional<SocketEffect> on_response_end;
  std::optional<std::uint64_t> disconnect_after;
  bool fail_handshake = false;
  bool answer_before_body = false;
  bool in_tunnel = false;
  UpgradeHandler upgrade;
  UpgradeHandler take_over;
  DuplexHandler duplex;

  [[nodiscard]] std::string reason_phrase() const;
  /// The status line without its CRLF.
  [[nodiscard]] std::string status() const;
};

/// The usual reason phrase, empty for codes that have none.
[[nodiscard]] std::string_view default_reason(int code) noexcept;

/// A run of a generated body, at most `max` bytes from `offset` on.
[[nodiscard]] std::string_view generated_run(std::uint64_t offset, std::uint64_t max) noexcept;

}  // namespace okhttp::internal
