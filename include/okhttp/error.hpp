#pragma once

#include <okhttp/config.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace okhttp {

/// Why a call failed. Also a std::error_code category ("okhttp"), so `error.code() == Errc::timeout` works.
enum class Errc : std::uint8_t {
  canceled = 1,             ///< Call::cancel, a stop token, the client's end, or a destroyed awaiting coroutine
  timeout,                  ///< the whole-call deadline passed
  connect_timeout,          ///< TCP connect of one route took too long
  read_timeout,             ///< no byte came for the read timeout
  write_timeout,            ///< no byte could be sent for the write timeout
  unknown_host,             ///< the name could not be resolved
  connect_failed,           ///< every route refused or was unreachable
  connection_closed,        ///< the peer closed or reset the connection before the exchange was complete
  tls_handshake,            ///< the TLS handshake failed
  peer_unverified,          ///< the certificate is not trusted or not for this host
  pin_mismatch,             ///< the chain holds none of the pinned keys
  cleartext_not_permitted,  ///< an http URL where only TLS is allowed
  proxy_failed,             ///< the proxy refused or broke off
  protocol_error,           ///< the peer broke the rules of HTTP
  stream_reset,             ///< RST_STREAM
  too_many_follow_ups,      ///< more than 20 redirects, challenges and retries
  body_length_mismatch,     ///< a request body gave more or fewer bytes than promised
  decode_failed,            ///< a content coding is damaged, truncated or followed by garbage
  limit_exceeded,           ///< a limit of size, ratio or count was reached
  address_refused,          ///< the address policy refused the address that was about to be dialled
  rejected,  ///< by the executor, throw_if_error(), the client's settings, or an exception of the caller's code
  io,        ///< any other failure of the operating system, files included
};

[[nodiscard]] OKHTTP_API const std::error_category& error_category() noexcept;
[[nodiscard]] OKHTTP_API std::error_code make_error_code(Errc code) noexcept;
/// The enumerator's name, as "connect_timeout".
[[nodiscard]] OKHTTP_API std::string_view to_string(Errc code) noexcept;

/// Who caused a failure.
enum class Blame : std::uint8_t { caller, peer, network, library };

/// One attempt to reach a server, for the account that an Error gives.
struct OKHTTP_API Attempt {
  Attempt() = default;
  Attempt(std::string route_text, std::string failure_text)
      : route(std::move(route_text)), failure(std::move(failure_text)) {}
  std::string route;    ///< "example.com:443 via 192.0.2.1:443"
  std::string failure;  ///< what went wrong there
};

/// The one exception that a failed call throws. Copying shares the content and does not throw.
///
/// what() names what failed, where, and after which attempts; it never holds a secret. Its wording is not API: compare
/// code(). Misuse of the library is std::logic_error and bad values are std::invalid_argument instead.
class OKHTTP_API Error : public std::runtime_error {
 public:
  Error(Errc code, const std::string& message);
  Error(Errc code, Blame blame, const std::string& message, std::exception_ptr cause = nullptr);
  /// From a failure of the operating system.
  Error(Errc code, Blame blame, const std::string& message, std::error_code system);

  [[nodiscard]] std::error_code code() const noexcept;
  [[nodiscard]] Errc errc() const noexcept;
  [[nodiscard]] Blame blame() const noexcept;
  /// The operating system's error that lies behind, or an empty code.
  [[nodiscard]] std::error_code system_error() const noexcept;
  /// The exception that lies behind, or null.
  [[nodiscard]] const std::exception_ptr& cause() const noexcept;
  /// Attempts that failed before this one, oldest first.
  [[nodiscard]] const std::vector<Attempt>& attempts() const noexcept;

  /// The same failure with earlier attempts put in front; what() lists them.
  [[nodiscard]] Error with_attempts(std::vector<Attempt> earlier) const;

 private:
  struct State;
  explicit Error(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

}  // namespace okhttp

template <>
struct std::is_error_code_enum<okhttp::Errc> : std::true_type {};
