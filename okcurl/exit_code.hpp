#pragma once

#include <okhttp/error.hpp>

#include <stdexcept>
#include <string>

namespace okcurl {

/// What the program returns: curl's own numbers.
enum class ExitCode : int {
  ok = 0,
  unsupported_protocol = 1,
  usage = 2,
  url_malformed = 3,
  resolve_proxy = 5,
  resolve = 6,
  connect = 7,
  weird_reply = 8,
  partial = 18,
  http_error = 22,
  write_error = 23,
  read_error = 26,
  timeout = 28,
  range_error = 33,
  tls_handshake = 35,
  aborted = 42,
  interface_failed = 45,
  too_many_redirects = 47,
  option_syntax = 49,
  empty_reply = 52,
  send_error = 55,
  receive_error = 56,
  ssl_cipher = 59,
  peer_certificate = 60,
  bad_encoding = 61,
  bad_ca_file = 77,
  pin_mismatch = 90,
  stream_error = 92,
  proxy = 97,
};

/// Why a transfer, or the whole program, ends.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// How far an exchange has come.
enum class Phase { connecting, securing, sending, awaiting_response, reading_body };

/// What the way to the server has to do with a failure.
enum class Via {
  anything,
  socks,       ///< a SOCKS proxy is on the way
  proxy_name,  ///< a proxy was to be found, by its name or by what the environment says
};

/// curl's number for a call that failed at that point.
[[nodiscard]] ExitCode exit_code_of(const okhttp::Error& error, Phase phase, Via via = Via::anything);

}  // namespace okcurl
