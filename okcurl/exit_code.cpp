#include "okcurl/exit_code.hpp"

#include <system_error>

namespace okcurl {
namespace {

using okhttp::Errc;

/// The peer closed or reset the connection. An orderly end carries no error of the operating system.
ExitCode closed(const okhttp::Error& error, Phase phase) {
  const bool is_orderly = !error.system_error();
  switch (phase) {
    case Phase::connecting:
      return ExitCode::connect;
    case Phase::securing:
      return ExitCode::tls_handshake;
    case Phase::sending:
      return ExitCode::send_error;
    case Phase::awaiting_response:
      return is_orderly ? ExitCode::empty_reply : ExitCode::receive_error;
    case Phase::reading_body:
      return is_orderly ? ExitCode::partial : ExitCode::receive_error;
  }
  return ExitCode::receive_error;
}

/// What the system says of an interface or an address that is not ours to dial from.
bool is_of_interface(const std::error_code& error) {
  return error == std::errc::no_such_device || error == std::errc::address_not_available;
}

}  // namespace

ExitCode exit_code_of(const okhttp::Error& error, Phase phase, Via via) {
  switch (error.errc()) {
    case Errc::timeout:
    case Errc::connect_timeout:
    case Errc::read_timeout:
    case Errc::write_timeout:
      return ExitCode::timeout;
    case Errc::unknown_host:
      return via == Via::proxy_name ? ExitCode::resolve_proxy : ExitCode::resolve;
    case Errc::proxy_failed:
      if (via == Via::proxy_name) return ExitCode::resolve_proxy;
      return via == Via::socks ? ExitCode::proxy : ExitCode::receive_error;
    case Errc::connect_failed:
    case Errc::address_refused:
      return is_of_interface(error.system_error()) ? ExitCode::interface_failed : ExitCode::connect;
    case Errc::connection_closed:
      return closed(error, phase);
    case Errc::tls_handshake:
      // The caller's own certificates were of no use; the only ones that there can be are those of --cacert.
      return error.blame() == okhttp::Blame::caller ? ExitCode::bad_ca_file : ExitCode::tls_handshake;
    case Errc::peer_unverified:
      return ExitCode::peer_certificate;
    case Errc::pin_mismatch:
      return ExitCode::pin_mismatch;
    case Errc::cleartext_not_permitted:
      return ExitCode::unsupported_protocol;
    case Errc::protocol_error:
      return phase == Phase::reading_body ? ExitCode::receive_error : ExitCode::weird_reply;
    case Errc::stream_reset:
      return ExitCode::stream_error;
    case Errc::too_many_follow_ups:
      return ExitCode::too_many_redirects;
    case Errc::body_length_mismatch:
      return ExitCode::read_error;
    case Errc::decode_failed:
      return ExitCode::bad_encoding;
    case Errc::canceled:
    case Errc::rejected:
      return ExitCode::aborted;
    case Errc::limit_exceeded:
    case Errc::io:
      return phase == Phase::sending ? ExitCode::send_error : ExitCode::receive_error;
  }
  return ExitCode::receive_error;
}

}  // namespace okcurl
