#include "serve_connection.hpp"

#include <utility>

#include "http1_connection.hpp"
#include "mock_http2_connection.hpp"
#include "peer_socket.hpp"
#include "response_script.hpp"
#include "wire/tls_stream.hpp"

namespace okhttp::internal {
namespace {

// RFC 8446 §5.1: the type of the record that a ClientHello comes in.
constexpr unsigned char kHandshakeRecord = 22;

/// An exchange that ended before anything of it was read.
void record_unread(MockServerCore& core, Peer& peer) {
  RecordedRequest::Data data;
  data.connection_index = peer.index();
  data.exchange_index = peer.next_exchange();
  data.failure = "the script ended the connection at the request's start";
  core.record(RecordedRequest(std::move(data)));
}

/// Shakes hands as a server. Throws PeerGone when that fails, as it does when the script wants it to.
Task<void> secure(Peer& peer, std::shared_ptr<const TlsContext> context, bool refuse) {
  auto tls = TlsStream::server(std::move(context), peer.release_stream());
  TlsStream& stream = *tls;
  peer.restore_stream(std::move(tls));
  if (refuse) stream.refuse_handshake();
  const IoResult result = co_await TlsHandshake(peer.engine(), peer.terms(), stream);
  if (!result.ok()) {
    peer.set_ending(Peer::Ending::without_notify);
    throw PeerGone("the TLS handshake failed");
  }
  peer.set_secure(stream.handshake(), stream.protocol(), stream.server_name(), stream.is_resumed());
}

/// Shakes hands if TLS is what the client speaks. A client of a proxy begins in clear text, with CONNECT.
Task<void> secure_if_asked(MockServerCore& core, Peer& peer) {
  std::shared_ptr<const TlsContext> context = core.tls();
  if (context == nullptr || peer.handshake().has_value() || !peer.buffered().empty()) co_return;
  const std::optional<unsigned char> first = co_await peer.peek_byte();
  if (first != kHandshakeRecord) co_return;
  co_await secure(peer, std::move(context), false);
}

/// Whether the client is to speak HTTP/2. A client that uses the server as a proxy begins with CONNECT even so.
Task<bool> speaks_http2(MockServerCore& core, Peer& peer) {
  if (peer.handshake().has_value()) co_return peer.protocol() == Protocol::http_2;
  if (!core.has_prior_knowledge() || core.has_tls()) co_return false;
  std::optional<unsigned char> first;
  if (peer.buffered().empty()) {
    peer.is_idle = true;
    first = co_await peer.peek_byte();
    peer.is_idle = false;
  } else {
    first = static_cast<unsigned char>(peer.buffered().front());
  }
  co_return first != 'C';
}

/// Obeys a response that acts on a fresh connection. False when the connection is over by that.
Task<bool> accept(MockServerCore& core, Peer& peer) {
  std::optional<Reservation> reservation = core.reserve_for_accept();
  if (!reservation.has_value()) co_return true;
  const ResponseScript& script = reservation->response.script();
  if (script.fail_handshake) {
    std::shared_ptr<const TlsContext> context = core.tls();
    record_unread(core, peer);
    if (context != nullptr) co_await secure(peer, std::move(context), true);
    co_return false;
  }
  if (script.on_request_start->kind() != SocketEffect::Kind::close ||
      script.on_request_start->side() == CloseSide::both) {
    record_unread(core, peer);
  }
  const bool goes_on = co_await peer.apply(*script.on_request_start);
  if (goes_on) peer.reserved = std::move(reservation);
  co_return goes_on;
}

}  // namespace

Task<void> serve_connection(MockServerCore& core, Peer& peer) {
  const bool is_accepted = co_await accept(core, peer);
  if (!is_accepted) co_return;
  for (;;) {
    co_await secure_if_asked(core, peer);
    const std::optional<MockResponse> taking = core.take_over();
    if (taking.has_value()) {
      PeerSocket socket(peer);
      peer.set_ending(Peer::Ending::lingering);
      co_await taking->script().take_over(socket);
      co_return;
    }
    const bool is_http2 = co_await speaks_http2(core, peer);
    if (is_http2) {
      MockHttp2Connection connection(core, peer);
      co_await connection.serve();
      co_return;
    }
    Http1Connection connection(core, peer);
    const Http1Connection::Outcome outcome = co_await connection.serve();
    if (outcome == Http1Connection::Outcome::finished) co_return;
  }
}

}  // namespace okhttp::internal
