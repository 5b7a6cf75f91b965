#include "wire/tls_sessions.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace okhttp::internal {
namespace {

SslSessionPtr copy_of(const SSL_SESSION* session) {
  SslSessionPtr copy(SSL_SESSION_dup(session));
  ERR_clear_error();
  return copy;
}

bool is_good(const TlsSession& session, std::time_t now) {
  const std::time_t made_at = SSL_SESSION_get_time(session.native.get());
  if (now < made_at || now - made_at >= SSL_SESSION_get_timeout(session.native.get())) return false;
  const HandshakeProof& proof = *session.proof;
  if (now < proof.made_at || now - proof.made_at >= TlsSessions::kLongest) return false;
  return !proof.is_verified || now <= proof.peer->valid_until();
}

}  // namespace

void TlsSessions::keep(const SSL_SESSION* session, std::shared_ptr<const HandshakeProof> proof) {
  SslSessionPtr copy = copy_of(session);
  if (copy == nullptr || SSL_SESSION_is_resumable(copy.get()) != 1) return;
  const std::lock_guard lock(mutex_);
  if (sessions_.size() >= kMost) sessions_.erase(sessions_.begin());
  sessions_.emplace_back(std::move(copy), std::move(proof));
}

std::optional<TlsSession> TlsSessions::take(std::time_t now) {
  const std::lock_guard lock(mutex_);
  // From the newest on. Older ones that are no good either are found when it is their turn, or give way to new ones.
  while (!sessions_.empty() && !is_good(sessions_.back(), now)) sessions_.pop_back();
  if (sessions_.empty()) return std::nullopt;
  TlsSession& newest = sessions_.back();
  std::optional<TlsSession> taken;
  if (SSL_SESSION_get_protocol_version(newest.native.get()) == TLS1_3_VERSION) {
    taken.emplace(std::move(newest));
    sessions_.pop_back();
  } else if (SslSessionPtr copy = copy_of(newest.native.get())) {
    taken.emplace(std::move(copy), newest.proof);
  }
  return taken;
}

void TlsSessions::clear() {
  const std::lock_guard lock(mutex_);
  sessions_.clear();
}

}  // namespace okhttp::internal
