#include "wire/tls_context.hpp"

#include <okhttp/error.hpp>

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "wire/cipher_names.hpp"
#include "wire/openssl.hpp"
#include "wire/tls_error.hpp"
#include "wire/tls_settings.hpp"
#include "wire/tls_stream.hpp"
#include "wire/tls_trust.hpp"

namespace okhttp::internal {

void start_openssl() {
  // OpenSSL must outlive threads of ours that still run while the process exits, so its own clean-up at exit is off.
  static const int started = OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, nullptr);
  if (started != 1) throw Error(Errc::tls_handshake, Blame::library, "OpenSSL does not start");
}

namespace {

Error unusable(const std::string& what) {
  return Error(Errc::tls_handshake, Blame::caller, what + ": " + TlsFailure::take().text());
}

int protocol_number(TlsVersion version) noexcept {
  switch (version) {
    case TlsVersion::tls_1_0:
      return TLS1_VERSION;
    case TlsVersion::tls_1_1:
      return TLS1_1_VERSION;
    case TlsVersion::tls_1_2:
      return TLS1_2_VERSION;
    case TlsVersion::tls_1_3:
      break;
  }
  return TLS1_3_VERSION;
}

SSL_CTX* new_context(const SSL_METHOD* method) {
  clear_tls_errors();
  SSL_CTX* context = SSL_CTX_new(method);
  if (context == nullptr) {
    throw Error(Errc::tls_handshake, Blame::library, "no TLS context: " + TlsFailure::take().text());
  }
  return context;
}

// Without a password OpenSSL would ask for one on the terminal.
int give_password(char* into, int size, int /*writing*/, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(into, text.data(), text.size());
  return static_cast<int>(text.size());
}

void use_certificate(SSL_CTX* context, const std::string& chain, const std::string& key, std::string password,
                     const std::string& whose) {
  const BioPtr chain_text(BIO_new_mem_buf(chain.data(), static_cast<int>(chain.size())));
  const X509Ptr own(PEM_read_bio_X509_AUX(chain_text.get(), nullptr, nullptr, nullptr));
  if (own == nullptr || SSL_CTX_use_certificate(context, own.get()) != 1) {
    throw unusable(whose + " certificate cannot be used");
  }
  while (X509* intermediate = PEM_read_bio_X509(chain_text.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add0_chain_cert(context, intermediate);
  }
  ERR_clear_error();
  const BioPtr key_text(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
  const KeyPtr private_key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, give_password, &password));
  OPENSSL_cleanse(password.data(), password.size());
  if (private_key == nullptr || SSL_CTX_use_PrivateKey(context, private_key.get()) != 1) {
    throw unusable("the key of " + whose + " certificate cannot be used");
  }
}

int select_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void* ours) {
  const auto& alpn = *static_cast<const std::string*>(ours);
  unsigned char* match = nullptr;
  const int outcome = SSL_select_next_proto(&match, chosen_size, reinterpret_cast<const unsigned char*>(alpn.data()),
                                            static_cast<unsigned>(alpn.size()), offered, offered_size);
  *chosen = match;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

TlsContext::TlsContext(bool is_server) noexcept : is_server_(is_server) {}

void TlsContext::set_up(const ConnectionSpec& spec) {
  start_openssl();
  context_ = new_context(is_server_ ? TLS_server_method() : TLS_client_method());
  SSL_CTX_set_app_data(context_, this);
  SSL_CTX_set_security_level(context_, spec.security_level());
  const std::string suites = openssl_list(spec.cipher_suites());
  const std::string tls13_suites = openssl_list(spec.tls13_cipher_suites());
  const bool accepted = (suites.empty() || SSL_CTX_set_cipher_list(context_, suites.c_str()) == 1) &&
                        (tls13_suites.empty() || SSL_CTX_set_ciphersuites(context_, tls13_suites.c_str()) == 1);
  if (!accepted) throw unusable("the cipher suites are refused");
  SSL_CTX_set_options(context_, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // An idle connection then holds no buffers.
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
  if (key_log_ >= 0) ::close(key_log_);
}

std::shared_ptr<const TlsContext> TlsContext::for_client(const TlsConfig& config, const ConnectionSpec& spec) {
  const std::shared_ptr<TlsContext> context(new TlsContext(false));
  context->config_ = config;
  context->spec_ = spec;
  context->set_up_client();
  return context;
}

std::shared_ptr<const TlsContext> TlsContext::for_server(const TlsServerConfig& config) {
  const std::shared_ptr<TlsContext> context(new TlsContext(true));
  context->set_up_server(config);
  return context;
}

void TlsContext::set_up_client() {
  set_up(spec_);
  const TlsSettings& settings = config_.settings();
  SSL_CTX_set_min_proto_version(context_,
                                protocol_number(std::max(spec_.tls_versions().front(), settings.min_version)));
  SSL_CTX_set_max_proto_version(context_, protocol_number(std::min(spec_.tls_versions().back(), settings.max_version)));
  // Sessions are kept by peer and settings (TlsSessions), which OpenSSL's own cache knows nothing of.
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context_, TlsStream::on_new_session);
  if (settings.system_trust && !settings.insecure) trust_system(context_, find_system_trust());
  for (const std::string& directory : settings.trusted_directories) trust_directory(context_, directory);
  if (!settings.trusted_certificates.empty()) trust_pem(context_, settings.trusted_certificates);
  if (!settings.client_certificate.empty()) {
    use_certificate(context_, settings.client_certificate, settings.client_key, settings.client_key_password,
                    "the client");
  }
  open_key_log();
}

void TlsContext::set_up_server(const TlsServerConfig& config) {
  const bool is_current = config.min_version >= TlsVersion::tls_1_2;
  set_up(is_current ? ConnectionSpec::modern_tls() : ConnectionSpec::compatible_tls());
  SSL_CTX_set_min_proto_version(context_, protocol_number(config.min_version));
  SSL_CTX_set_max_proto_version(context_, protocol_number(config.max_version));
  SSL_CTX_set_num_tickets(context_, config.session_tickets);
  use_certificate(context_, config.certificate_chain, config.private_key, std::string(), "the server");
  alpn_ = alpn_wire_form(config.protocols);
  if (!alpn_.empty()) SSL_CTX_set_alpn_select_cb(context_, select_protocol, &alpn_);
  if (config.client_certificate == TlsServerConfig::ClientCertificate::ignored) return;
  if (!config.trusted_clients.empty()) trust_pem(context_, config.trusted_clients);
  const bool required = config.client_certificate == TlsServerConfig::ClientCertificate::required;
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  // A server that verifies clients and lets them resume has to say what a session belongs to.
  constexpr unsigned char kSessions[] = "okhttp";
  SSL_CTX_set_session_id_context(context_, kSessions, sizeof kSessions - 1);
}

void TlsContext::open_key_log() {
  const std::string path = environment_value("SSLKEYLOGFILE");
  if (path.empty()) return;
  // A log that cannot be written must not stop a call.
  key_log_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
  if (key_log_ >= 0) SSL_CTX_set_keylog_callback(context_, log_key);
}

void TlsContext::log_key(const ssl_st* ssl, const char* line) {
  const auto* self = static_cast<const TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  // One write, so that lines of several threads and processes do not mix.
  const std::string whole = std::string(line) + '\n';
  [[maybe_unused]] const ssize_t written = ::write(self->key_log_, whole.data(), whole.size());
}

std::shared_ptr<const TlsContext> LazyTlsContext::get(const ConnectionSpec& spec) {
  const std::lock_guard lock(mutex_);
  for (const auto& context : contexts_) {
    if (context->spec() == spec) return context;
  }
  contexts_.push_back(TlsContext::for_client(config_, spec));
  return contexts_.back();
}

std::string alpn_wire_form(std::span<const Protocol> protocols) {
  std::string wire;
  for (const Protocol protocol : protocols) {
    if (protocol != Protocol::http_1_1 && protocol != Protocol::http_2) continue;
    const std::string_view name = to_string(protocol);
    wire += static_cast<char>(name.size());
    wire += name;
  }
  return wire;
}

}  // namespace okhttp::internal
