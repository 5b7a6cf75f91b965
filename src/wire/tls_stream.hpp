#pragma once

#include <okhttp/error.hpp>
#include <okhttp/handshake.hpp>
#include <okhttp/protocol.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/stream.hpp"
#include "wire/ahead_buffer.hpp"
#include "wire/tls_error.hpp"
#include "wire/tls_sessions.hpp"

struct ssl_st;
struct ssl_session_st;
struct x509_store_ctx_st;

namespace okhttp::internal {

class TlsContext;

/// TLS above another stream: a socket, or TLS to a proxy.
///
/// The handshake comes first: co_await TlsHandshake. Reads and writes share OpenSSL's state, so that unlike a socket's
/// they must not run at the same time on two threads.
///
/// Invariants:
/// 1. Bytes are reported as written once the stream below has taken the records that hold them. After a try_write()
/// that
///    would have blocked, the next one must begin with the same bytes.
/// 2. What the handshake leaves to be sent goes out with the first write, in one packet, or before the first read.
/// 3. A failure is final for its direction: it is reported again by every later operation.
class TlsStream final : public Stream {
 public:
  /// The client's end. `host` is whom the peer must prove to be: a name in ASCII or an address, without brackets.
  /// `sessions` are those to be resumed with this very peer under these very settings; null when none should be.
  [[nodiscard]] static std::unique_ptr<TlsStream> client(std::shared_ptr<const TlsContext> context,
                                                         std::unique_ptr<Stream> lower, std::string_view host,
                                                         std::span<const Protocol> protocols,
                                                         std::shared_ptr<TlsSessions> sessions = nullptr);
  /// The server's end.
  [[nodiscard]] static std::unique_ptr<TlsStream> server(std::shared_ptr<const TlsContext> context,
                                                         std::unique_ptr<Stream> lower);
  ~TlsStream() override;

  // Before a client's handshake.

  /// Does not ask whom the certificate is for: the caller will, of handshake().
  void leave_host_name_to_caller() noexcept;
  /// Tells the server that more was offered before, in vain (RFC 7507): one that knows more itself gives up then.
  void signal_fallback() noexcept;

  /// Goes on with the handshake as far as that needs no waiting. The status `ok` says that it is complete.
  [[nodiscard]] IoResult try_handshake() noexcept;
  /// Has a server answer the handshake with a fatal alert, as scripted peers do.
  void refuse_handshake() noexcept;

  [[nodiscard]] IoResult try_read(Bytes into) noexcept override;
  [[nodiscard]] IoResult try_write(std::span<const ConstBytes> from) noexcept override;
  [[nodiscard]] Socket& socket() noexcept override { return lower_->socket(); }
  [[nodiscard]] bool is_quiet() noexcept override;
  [[nodiscard]] bool holds_unread() const noexcept override;
  void shut_down_write() noexcept override;
  [[nodiscard]] std::string failure_text() const override;

  /// What the handshake agreed upon. Requires: it is complete.
  [[nodiscard]] const Handshake& handshake();
  /// Keeps what the peer gives to be resumed: what it has given already and, with TLS 1.3, what comes with later reads.
  /// Called once the caller is content with the peer, since a session vouches for it. Requires: the handshake is
  /// complete.
  void keep_sessions();
  /// True when a client proposed to resume a session, whatever came of it.
  [[nodiscard]] bool offered_session() const noexcept { return offered_session_; }
  /// What ALPN agreed upon, if anything.
  [[nodiscard]] std::optional<Protocol> protocol() const noexcept;
  /// True when the handshake resumed an earlier session.
  [[nodiscard]] bool is_resumed() const noexcept;
  /// The name that a client asked a server for; empty when it named none.
  [[nodiscard]] std::string server_name() const;

  /// OpenSSL tells a client of a session that can be resumed; TlsContext has it call this.
  static int on_new_session(ssl_st* ssl, ssl_session_st* session) noexcept;

  /// A failed handshake as the error of a call: peer_unverified with what is wrong with the certificate, else
  /// tls_handshake with what happened.
  [[nodiscard]] Error handshake_error(const IoResult& failure) const;

 private:
  TlsStream(std::shared_ptr<const TlsContext> context, std::unique_ptr<Stream> lower, std::string_view host);

  void prepare_client(std::span<const Protocol> protocols);
  void offer_session();
  [[nodiscard]] IoResult prove_peer();
  [[nodiscard]] IoResult finish_handshake() noexcept;
  [[nodiscard]] IoResult send_end_of_handshake() noexcept;
  [[nodiscard]] IoResult read_record(Bytes into) noexcept;
  [[nodiscard]] IoResult encrypt(std::span<const ConstBytes> from) noexcept;
  [[nodiscard]] IoResult flush() noexcept;
  [[nodiscard]] IoResult explain(int outcome) noexcept;
  IoResult fail(TlsErrc code, std::string text) noexcept;

  // What OpenSSL calls while one of our operations runs.
  friend struct StreamBio;
  [[nodiscard]] int read_below(char* into, std::size_t size, std::size_t* count) noexcept;
  /// Sends what is to be sent and reads what there is into ahead_. Requires: that is empty.
  [[nodiscard]] IoResult read_ahead() noexcept;
  void write_below(const char* from, std::size_t size) noexcept;
  static int on_verify(int ok, x509_store_ctx_st* verification) noexcept;
  static int on_certificate_request(ssl_st* ssl, void* self) noexcept;

  const std::shared_ptr<const TlsContext> context_;
  const std::unique_ptr<Stream> lower_;
  const std::string host_;  // without a trailing dot; empty for a server
  std::string alpn_;        // what a client offered
  ssl_st* ssl_ = nullptr;

  bool checks_host_name_ = true;
  bool lacks_certificate_ = false;  // the peer asked a client that has none
  bool is_complete_ = false;        // the handshake
  bool is_ended_ = false;           // the peer sent close_notify
  bool is_shut_down_ = false;
  std::optional<IoResult> failure_;  // of reading, or of all
  std::optional<IoResult> write_failure_;
  std::string failure_text_;
  std::string unverified_;  // what is wrong with the peer's certificate
  std::optional<Handshake> handshake_;

  // A client's sessions. They are kept from when keeps_sessions_ is set; what comes earlier is in given_.
  std::shared_ptr<TlsSessions> sessions_;
  std::shared_ptr<const HandshakeProof> proof_;  // of the session that was offered, later of this one
  bool offered_session_ = false;
  bool keeps_sessions_ = false;
  SslSessionPtr given_;

  AheadBuffer ahead_;  // records that OpenSSL has yet to ask for

  // For the reads that OpenSSL makes while one of our operations runs.
  bool may_read_below_ = true;
  bool has_read_below_ = false;
  bool below_ended_ = false;
  IoStatus blocked_ = IoStatus::would_block_read;
  std::error_code below_error_;

  std::vector<std::byte> outgoing_;  // records that the stream below has yet to take
  std::size_t outgoing_sent_ = 0;
  std::size_t unreported_ = 0;  // bytes of the writer's that they hold
};

/// co_await TlsHandshake(...): shakes hands, or ends with end, failed, deadline or canceled.
class TlsHandshake final : public Wait {
 public:
  TlsHandshake(Engine& engine, WaitTerms terms, TlsStream& stream) noexcept
      : Wait(terms, &stream.socket(), Interest::read), waiting_on_(engine), stream_(stream) {}
  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> waiter) noexcept { suspend(waiting_on_, waiter); }
  [[nodiscard]] IoResult await_resume() const noexcept;
  bool attempt() noexcept override;
  [[nodiscard]] bool reads_when_attempted() const noexcept override { return true; }

 private:
  Engine& waiting_on_;
  TlsStream& stream_;
  IoResult outcome_;
};

}  // namespace okhttp::internal
