#include "wire/tls_stream.hpp"

#include <okhttp/ip_address.hpp>
#include <okhttp/tls.hpp>

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <ctime>
#include <utility>

#include "runtime/cancellation.hpp"
#include "wire/certificate_chain.hpp"
#include "wire/openssl.hpp"
#include "wire/peer_verification.hpp"
#include "wire/tls_context.hpp"

namespace okhttp::internal {
namespace {

constexpr std::size_t kRecord = SSL3_RT_MAX_PLAIN_LENGTH;
// How much one write encrypts before it asks the stream below to take it.
constexpr std::size_t kBatch = 4 * kRecord;
// A larger buffer of sent records is given back.
constexpr std::size_t kKeptOutgoing = 4 * 1024;

std::string_view without_trailing_dot(std::string_view host) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool holds_protocol(std::string_view wire_form, std::string_view name) noexcept {
  while (!wire_form.empty()) {
    const auto size = static_cast<unsigned char>(wire_form.front());
    if (wire_form.substr(1, size) == name) return true;
    wire_form.remove_prefix(std::min<std::size_t>(wire_form.size(), size + 1U));
  }
  return false;
}

/// Takes pieces in portions of at most one record; pieces that are smaller are gathered, so that a head and the
/// beginning of its body travel together.
class Portions {
 public:
  explicit Portions(std::span<const ConstBytes> pieces) noexcept : pieces_(pieces) {}

  /// The next portion, valid until the next call; empty at the end.
  [[nodiscard]] ConstBytes next() noexcept {
    skip_empty();
    if (pieces_.empty()) return {};
    const ConstBytes rest = pieces_.front().subspan(offset_);
    if (rest.size() >= kRecord || pieces_.size() == 1) return take(std::min(rest.size(), kRecord));
    std::size_t gathered = 0;
    while (gathered < kRecord && !pieces_.empty()) {
      const std::size_t room = std::min(pieces_.front().size() - offset_, kRecord - gathered);
      const ConstBytes part = take(room);
      std::copy(part.begin(), part.end(), gathered_.begin() + static_cast<std::ptrdiff_t>(gathered));
      gathered += room;
      skip_empty();
    }
    return ConstBytes(gathered_).first(gathered);
  }

 private:
  void skip_empty() noexcept {
    while (!pieces_.empty() && pieces_.front().size() == offset_) {
      pieces_ = pieces_.subspan(1);
      offset_ = 0;
    }
  }
  ConstBytes take(std::size_t size) noexcept {
    const ConstBytes part = pieces_.front().subspan(offset_, size);
    offset_ += size;
    return part;
  }

  std::span<const ConstBytes> pieces_;
  std::size_t offset_ = 0;                   // into the first of them
  std::array<std::byte, kRecord> gathered_;  // written before it is read
};

}  // namespace

/// OpenSSL's view of the stream below.
struct StreamBio {
  static TlsStream& stream_of(BIO* bio) noexcept { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, std::size_t size, std::size_t* count) noexcept {
    BIO_clear_retry_flags(bio);
    const int outcome = stream_of(bio).read_below(into, size, count);
    if (outcome < 0) BIO_set_retry_read(bio);
    return outcome;
  }

  static int write(BIO* bio, const char* from, std::size_t size, std::size_t* count) noexcept {
    BIO_clear_retry_flags(bio);
    stream_of(bio).write_below(from, size);
    *count = size;
    return 1;
  }

  static long control(BIO* bio, int command, long /*number*/, void* /*pointer*/) noexcept {
    switch (command) {
      case BIO_CTRL_FLUSH:
        return 1;
      case BIO_CTRL_EOF:
        return stream_of(bio).below_ended_ ? 1 : 0;
      default:
        return 0;
    }
  }

  static const BIO_METHOD* method() {
    static BIO_METHOD* const kMethod = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "okhttp stream");
      BIO_meth_set_read_ex(made, read);
      BIO_meth_set_write_ex(made, write);
      BIO_meth_set_ctrl(made, control);
      return made;
    }();
    return kMethod;
  }
};

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context, std::unique_ptr<Stream> lower, std::string_view host)
    : context_(std::move(context)), lower_(std::move(lower)), host_(without_trailing_dot(host)) {
  clear_tls_errors();
  ssl_ = SSL_new(context_->native());
  BIO* bio = ssl_ != nullptr ? BIO_new(StreamBio::method()) : nullptr;
  if (bio == nullptr) {
    fail(TlsErrc::failed, TlsFailure::take().text());
    return;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_app_data(ssl_, this);
}

TlsStream::~TlsStream() { SSL_free(ssl_); }

std::unique_ptr<TlsStream> TlsStream::client(std::shared_ptr<const TlsContext> context, std::unique_ptr<Stream> lower,
                                             std::string_view host, std::span<const Protocol> protocols,
                                             std::shared_ptr<TlsSessions> sessions) {
  assert(!context->is_server());
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(context), std::move(lower), host));
  stream->sessions_ = std::move(sessions);
  if (!stream->failure_) stream->prepare_client(protocols);
  return stream;
}

std::unique_ptr<TlsStream> TlsStream::server(std::shared_ptr<const TlsContext> context, std::unique_ptr<Stream> lower) {
  assert(context->is_server());
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(context), std::move(lower), {}));
  if (!stream->failure_) SSL_set_accept_state(stream->ssl_);
  return stream;
}

void TlsStream::prepare_client(std::span<const Protocol> protocols) {
  SSL_set_connect_state(ssl_);
  if (!is_verifiable_host(host_)) {
    // CVE-2021-0341: a name outside ASCII must not come near the comparison.
    unverified_ = "no certificate can prove that name";
    fail(TlsErrc::peer_unverified, unverified_);
    return;
  }
  const bool has_extensions = context_->spec().supports_tls_extensions();
  // RFC 6066 §3: literal addresses are not permitted in server_name.
  if (has_extensions && !IpAddress::parse(host_)) SSL_set_tlsext_host_name(ssl_, host_.c_str());
  if (has_extensions) alpn_ = alpn_wire_form(protocols);
  if (!alpn_.empty()) {
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(alpn_.data()),
                        static_cast<unsigned>(alpn_.size()));
  }
  if (!context_->config().has_client_certificate()) SSL_set_cert_cb(ssl_, on_certificate_request, this);
  if (sessions_ != nullptr) offer_session();
  if (!context_->config().verifies_certificate_of(host_)) {
    SSL_set_verify(ssl_, SSL_VERIFY_NONE, nullptr);
    return;
  }
  SSL_set_verify(ssl_, SSL_VERIFY_PEER, on_verify);
  expect_host(SSL_get0_param(ssl_), host_);
}

void TlsStream::leave_host_name_to_caller() noexcept {
  checks_host_name_ = false;
  if (ssl_ == nullptr) return;
  X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl_);
  X509_VERIFY_PARAM_set1_host(expected, nullptr, 0);
  X509_VERIFY_PARAM_set1_ip(expected, nullptr, 0);
  clear_tls_errors();
}

void TlsStream::signal_fallback() noexcept {
  if (ssl_ != nullptr) SSL_set_mode(ssl_, SSL_MODE_SEND_FALLBACK_SCSV);
}

void TlsStream::offer_session() {
  std::optional<TlsSession> session = sessions_->take(std::time(nullptr));
  if (!session.has_value() || SSL_set_session(ssl_, session->native.get()) != 1) return;
  proof_ = std::move(session->proof);
  offered_session_ = true;
}

int TlsStream::on_new_session(SSL* ssl, SSL_SESSION* session) noexcept {
  auto& self = *static_cast<TlsStream*>(SSL_get_app_data(ssl));
  if (self.keeps_sessions_) {
    self.sessions_->keep(session, self.proof_);
  } else if (self.sessions_ != nullptr && SSL_SESSION_up_ref(session) == 1) {
    self.given_.reset(session);
  }
  return 0;  // OpenSSL's own reference stays its own
}

void TlsStream::keep_sessions() {
  assert(is_complete_);
  keeps_sessions_ = sessions_ != nullptr;
  if (given_ != nullptr) sessions_->keep(given_.get(), proof_);
  given_.reset();
}

int TlsStream::on_verify(int ok, X509_STORE_CTX* verification) noexcept {
  if (ok == 1) return ok;
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& self = *static_cast<TlsStream*>(SSL_get_app_data(ssl));
  self.unverified_ = describe_verification_failure(verification, self.host_);
  return ok;
}

int TlsStream::on_certificate_request(SSL* /*ssl*/, void* self) noexcept {
  static_cast<TlsStream*>(self)->lacks_certificate_ = true;
  return 1;  // go on without one: it may be optional
}

IoResult TlsStream::try_handshake() noexcept {
  if (failure_) return *failure_;
  if (is_complete_) return send_end_of_handshake();
  clear_tls_errors();
  const int outcome = SSL_do_handshake(ssl_);
  const IoResult result = outcome == 1 ? finish_handshake() : explain(outcome);
  // The session may be what went wrong: the next handshake shall be a full one.
  if (!result.ok() && !result.would_block() && offered_session_) sessions_->clear();
  if (result.status != IoStatus::would_block_read) return result;
  // OpenSSL waits for the peer, which may be waiting for what we have yet to send.
  const IoResult flushed = flush();
  return flushed.would_block() ? flushed : result;
}

IoResult TlsStream::finish_handshake() noexcept {
  is_complete_ = true;
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  const std::string_view selected(reinterpret_cast<const char*>(name), size);
  if (context_->is_server()) return send_end_of_handshake();
  // RFC 7301 §3.1: the answer must be one of the offered protocols. OpenSSL leaves that to us.
  if (!selected.empty() && !holds_protocol(alpn_, selected)) {
    return fail(TlsErrc::failed, "the peer chose a protocol that was not offered");
  }
  return prove_peer();
}

IoResult TlsStream::prove_peer() {
  if (!is_resumed()) {
    proof_ = std::make_shared<const HandshakeProof>(peer_chain_of(ssl_), local_chain_of(ssl_), has_verified_peer(ssl_),
                                                    std::time(nullptr));
  }
  const TlsConfig& config = context_->config();
  const bool verifies = config.verifies_certificate_of(host_);
  // CVE-2024-0853: OpenSSL verifies nothing when a session is resumed. What was shown when it began must do for this
  // host under these settings, although nobody should have offered it otherwise.
  if (is_resumed() && verifies && !(proof_->is_verified && has_verified_peer(ssl_))) {
    unverified_ = "the session began without a verified certificate";
    return fail(TlsErrc::peer_unverified, unverified_);
  }
  if (checks_host_name_ && (is_resumed() || !verifies) && config.verifies_name_of(host_)) {
    X509* certificate = SSL_get0_peer_certificate(ssl_);
    if (certificate == nullptr || !covers_host(certificate, host_)) {
      unverified_ = describe_wrong_host(certificate, host_);
      return fail(TlsErrc::peer_unverified, unverified_);
    }
  }
  return IoResult(IoStatus::ok, 0);
}

IoResult TlsStream::send_end_of_handshake() noexcept {
  // A client writes next, so the end of its handshake waits for that. A server may have nothing to write for long,
  // while a client of TLS 1.2 waits for the end. That it cannot be sent is for the next read to tell.
  if (context_->is_server()) {
    const IoResult flushed = flush();
    if (flushed.would_block()) return flushed;
  }
  return IoResult(IoStatus::ok, 0);
}

void TlsStream::refuse_handshake() noexcept {
  // Without a cipher suite in common the answer to a ClientHello is the alert handshake_failure.
  if (ssl_ == nullptr) return;
  SSL_set_max_proto_version(ssl_, TLS1_2_VERSION);
  SSL_set_cipher_list(ssl_, "PSK-AES128-GCM-SHA256");
  SSL_set_options(ssl_, SSL_OP_NO_TICKET);  // a session that is resumed has its suite already
  clear_tls_errors();
}

IoResult TlsStream::try_read(Bytes into) noexcept {
  if (failure_) return *failure_;
  if (is_ended_) return IoResult(IoStatus::end, 0);
  assert(is_complete_);
  // OpenSSL is asked only once there is something: to find that out itself costs it as much as to read a small record.
  if (!holds_unread() && !below_ended_ && !below_error_) {
    const IoResult ahead = read_ahead();
    if (ahead.would_block()) return ahead;
  }
  IoResult result = read_record(into);
  if (!result.ok()) return result;
  // More records may have come with the first. Only those: a further read below could wait although there are bytes to
  // report. What goes wrong now is remembered for the next call.
  may_read_below_ = false;
  while (result.bytes < into.size() && holds_unread()) {
    const IoResult more = read_record(into.subspan(result.bytes));
    if (!more.ok()) break;
    result.bytes += more.bytes;
  }
  may_read_below_ = true;
  return result;
}

IoResult TlsStream::read_record(Bytes into) noexcept {
  clear_tls_errors();
  std::size_t count = 0;
  const int outcome = SSL_read_ex(ssl_, into.data(), into.size(), &count);
  return outcome == 1 ? IoResult(IoStatus::ok, count) : explain(outcome);
}

IoResult TlsStream::try_write(std::span<const ConstBytes> from) noexcept {
  if (failure_) return *failure_;
  if (write_failure_) return *write_failure_;
  assert(is_complete_);
  if (unreported_ == 0) {
    const IoResult encrypted = encrypt(from);
    if (!encrypted.ok()) return encrypted;
  }
  const IoResult flushed = flush();
  if (!flushed.ok()) return flushed;
  return IoResult(IoStatus::ok, std::exchange(unreported_, 0));
}

IoResult TlsStream::encrypt(std::span<const ConstBytes> from) noexcept {
  clear_tls_errors();
  Portions portions(from);
  while (unreported_ < kBatch) {
    const ConstBytes portion = portions.next();
    if (portion.empty()) break;
    std::size_t written = 0;
    const int outcome = SSL_write_ex(ssl_, portion.data(), portion.size(), &written);
    if (outcome != 1) return explain(outcome);
    assert(written == portion.size());
    unreported_ += written;
  }
  return IoResult(IoStatus::ok, unreported_);
}

IoResult TlsStream::flush() noexcept {
  if (write_failure_) return *write_failure_;
  while (outgoing_sent_ < outgoing_.size()) {
    const ConstBytes rest = ConstBytes(outgoing_).subspan(outgoing_sent_);
    const IoResult result = lower_->try_write(std::span(&rest, 1));
    if (result.would_block()) return result;
    if (!result.ok()) return write_failure_.emplace(result);
    outgoing_sent_ += result.bytes;
  }
  outgoing_sent_ = 0;
  outgoing_.clear();
  if (outgoing_.capacity() > kKeptOutgoing) outgoing_ = std::vector<std::byte>();
  return IoResult(IoStatus::ok, 0);
}

int TlsStream::read_below(char* into, std::size_t size, std::size_t* count) noexcept {
  const Bytes wanted(reinterpret_cast<std::byte*>(into), size);
  *count = ahead_.take(wanted);
  if (*count > 0) return 1;
  if (below_ended_ || below_error_) return 0;
  blocked_ = IoStatus::would_block_read;
  if (!may_read_below_) return -1;
  const IoResult result = read_ahead();
  if (result.would_block()) {
    blocked_ = result.status;
    return -1;
  }
  *count = ahead_.take(wanted);
  return *count > 0 ? 1 : 0;
}

IoResult TlsStream::read_ahead() noexcept {
  // The peer may be waiting for what we have yet to send. That this fails does not matter: what the peer said before it
  // went is still to be read. If a writer waits for it already, reading goes on meanwhile.
  if (const IoResult flushed = flush(); flushed.would_block() && unreported_ == 0) return flushed;
  const IoResult result = ahead_.fill(*lower_);
  if (result.would_block()) return result;
  has_read_below_ = result.ok();
  below_ended_ = result.status == IoStatus::end;
  if (!result.ok()) below_error_ = result.error;
  return result;
}

void TlsStream::write_below(const char* from, std::size_t size) noexcept {
  const auto* bytes = reinterpret_cast<const std::byte*>(from);
  outgoing_.insert(outgoing_.end(), bytes, bytes + size);
}

IoResult TlsStream::explain(int outcome) noexcept {
  switch (SSL_get_error(ssl_, outcome)) {
    case SSL_ERROR_WANT_READ:
      return IoResult(blocked_, 0);
    case SSL_ERROR_ZERO_RETURN:
      is_ended_ = true;
      return IoResult(IoStatus::end, 0);
    default:
      break;
  }
  if (below_error_) {
    clear_tls_errors();
    failure_text_ = lower_->failure_text();
    return failure_.emplace(IoStatus::failed, 0, below_error_);
  }
  const TlsFailure failure = TlsFailure::take();
  if (failure.code() == TlsErrc::peer_unverified && !unverified_.empty()) return fail(failure.code(), unverified_);
  // A server of TLS 1.2 has no alert of its own for that (RFC 5246 §7.4.6).
  if (failure.code() == TlsErrc::alert_received && lacks_certificate_ && !is_complete_) {
    return fail(TlsErrc::certificate_refused,
                "the peer asks for our certificate, and there is none: " + failure.text());
  }
  return fail(failure.code(), failure.text());
}

IoResult TlsStream::fail(TlsErrc code, std::string text) noexcept {
  failure_text_ = std::move(text);
  failure_.emplace(IoStatus::failed, 0, make_error_code(code));
  [[maybe_unused]] const IoResult alert = flush();
  return *failure_;
}

bool TlsStream::holds_unread() const noexcept { return !ahead_.empty() || SSL_has_pending(ssl_) != 0; }

bool TlsStream::is_quiet() noexcept {
  if (!is_complete_ || failure_ || is_ended_) return false;
  // A look that read something, a session ticket for example, may have stopped short of what came after it.
  constexpr int kLooks = 8;
  for (int look = 0; look < kLooks; ++look) {
    has_read_below_ = false;
    socket().allow_one_read();
    clear_tls_errors();
    std::byte unexpected{};
    std::size_t count = 0;
    const int outcome = SSL_peek_ex(ssl_, &unexpected, 1, &count);
    if (outcome == 1 || !explain(outcome).would_block()) return false;
    if (!has_read_below_) return !holds_unread();
  }
  return false;
}

void TlsStream::shut_down_write() noexcept {
  if (std::exchange(is_shut_down_, true)) return;
  if (is_complete_ && !failure_) {
    clear_tls_errors();
    SSL_shutdown(ssl_);
    clear_tls_errors();
    [[maybe_unused]] const IoResult flushed = flush();
  }
  lower_->shut_down_write();
}

std::string TlsStream::failure_text() const { return failure_text_.empty() ? lower_->failure_text() : failure_text_; }

const Handshake& TlsStream::handshake() {
  assert(is_complete_);
  if (!handshake_ && proof_ != nullptr) handshake_.emplace(describe_handshake(ssl_, proof_->peer, proof_->local));
  if (!handshake_) handshake_.emplace(describe_handshake(ssl_, peer_chain_of(ssl_), local_chain_of(ssl_)));
  return *handshake_;
}

std::optional<Protocol> TlsStream::protocol() const noexcept {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return protocol_from_string(std::string_view(reinterpret_cast<const char*>(name), size));
}

bool TlsStream::is_resumed() const noexcept { return SSL_session_reused(ssl_) == 1; }

std::string TlsStream::server_name() const {
  const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

Error TlsStream::handshake_error(const IoResult& failure) const {
  if (failure.error == make_error_code(TlsErrc::peer_unverified)) {
    return Error(Errc::peer_unverified, Blame::peer, "cannot trust " + host_ + ": " + failure_text_);
  }
  const std::string what = "TLS handshake with " + host_ + " failed: ";
  if (failure.error == make_error_code(TlsErrc::truncated) || failure.status == IoStatus::end) {
    return Error(Errc::tls_handshake, Blame::network, what + "the peer closed the connection");
  }
  if (failure.error == make_error_code(TlsErrc::not_tls)) {
    return Error(Errc::tls_handshake, Blame::peer, what + "the peer does not speak TLS (" + failure_text_ + ')');
  }
  if (&failure.error.category() == &make_error_code(TlsErrc::failed).category()) {
    return Error(Errc::tls_handshake, Blame::peer, what + failure_text_);
  }
  return Error(Errc::tls_handshake, Blame::network, what + failure.error.message(), failure.error);
}

bool TlsHandshake::await_ready() noexcept {
  const bool is_canceled = cancellation() != nullptr && cancellation()->requested();
  // A coroutine that user code resumed on a foreign thread has to go home first.
  if (!waiting_on_.runs_here() || is_canceled) return false;
  return attempt();
}

bool TlsHandshake::attempt() noexcept {
  outcome_ = stream_.try_handshake();
  if (!outcome_.would_block()) return true;
  set_interest(outcome_.status == IoStatus::would_block_write ? Interest::write : Interest::read);
  return false;
}

IoResult TlsHandshake::await_resume() const noexcept {
  if (result() == WaitResult::deadline) return IoResult(IoStatus::deadline, 0);
  // A cancellation shuts the socket down, which the system reports as an end or an error.
  const bool is_canceled = cancellation() != nullptr && cancellation()->requested();
  if (result() == WaitResult::canceled || (!outcome_.ok() && is_canceled)) return IoResult(IoStatus::canceled, 0);
  return outcome_;
}

}  // namespace okhttp::internal
