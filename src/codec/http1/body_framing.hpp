#pragma once

#include <okhttp/headers.hpp>
#include <okhttp/protocol.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "codec/http1/parse_result.hpp"

namespace okhttp::internal {

/// How the end of a body is found (RFC 9112 §6.3).
struct BodyFraming {
  enum class Kind : std::uint8_t {
    none,         ///< there is no body, whatever the fields say
    length,       ///< exactly `length` bytes, which may be 0
    chunked,      ///< chunks and trailers
    until_close,  ///< all bytes until the peer closes
  };

  Kind kind = Kind::none;
  std::uint64_t length = 0;
  /// False when the framing itself forbids another message on the connection. See also connection_persists().
  bool reusable = true;
  /// Set when the fields contradict themselves; nothing else counts then, and the connection must be closed.
  ParseError error;

  [[nodiscard]] bool ok() const noexcept { return error.code == ParseErrc::none; }
};

/// The body of a response with that status to a request with that method.
[[nodiscard]] BodyFraming response_framing(std::string_view request_method, int status, const Headers& headers,
                                           Protocol protocol);

/// The body of a request; never until_close.
[[nodiscard]] BodyFraming request_framing(const Headers& headers, Protocol protocol);

/// What all Content-Length fields of a message say together.
struct ContentLength {
  std::optional<std::uint64_t> value;  ///< nothing when there is no field or an error
  ParseError error;
};

/// Accepts one decimal number, or several equal ones (RFC 9112 §6.3 case 5).
[[nodiscard]] ContentLength parse_content_length(const Headers& headers);

/// True when the message that carries these fields leaves its connection open (RFC 9112 §9.3).
[[nodiscard]] bool connection_persists(Protocol protocol, const Headers& headers) noexcept;

/// True when a Connection field lists that option.
[[nodiscard]] bool has_connection_option(const Headers& headers, std::string_view option) noexcept;

/// How long the peer promises to keep an idle connection: N of `Keep-Alive: timeout=N`.
[[nodiscard]] std::optional<std::chrono::seconds> keep_alive_timeout(const Headers& headers) noexcept;

}  // namespace okhttp::internal
