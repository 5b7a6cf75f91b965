#include <okhttp/authenticator.hpp>
#include <okhttp/challenge.hpp>
#include <okhttp/request.hpp>
#include <okhttp/request_body.hpp>
#include <okhttp/response.hpp>

#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <stdexcept>
#include <utility>

#include "http/authenticator_host.hpp"
#include "http/base64.hpp"
#include "http/digest.hpp"

namespace okhttp {
namespace {

using internal::DigestChallenge;
using internal::DigestHasher;
using internal::DigestInput;
using internal::DigestQop;

/// Hashes a body that writes itself.
class HashingSink final : public BodySink {
 public:
  explicit HashingSink(DigestHasher& hasher) : hasher_(hasher) {}
  Task<void> write(std::span<const std::byte> bytes) override {
    hasher_.update(bytes);
    co_return;
  }
  Task<void> flush() override { co_return; }

 private:
  DigestHasher& hasher_;
};

std::string random_text() {
  std::array<unsigned char, 24> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("there is no randomness for the answer to a Digest challenge");
  }
  return internal::base64_encode(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

/// How often each nonce was used. Thread-safe.
class NonceCounts {
 public:
  struct Use {
    std::uint32_t count = 0;
    std::string cnonce;
  };
  /// Counts one more use of a nonce of `challenger`.
  Use next(const std::string& challenger, const std::string& nonce) {
    std::string fresh = random_text();
    const std::lock_guard lock(mutex_);
    for (Entry& entry : entries_) {
      if (entry.nonce != nonce || entry.challenger != challenger) continue;
      return Use{++entry.count, entry.cnonce};
    }
    if (entries_.size() == kMaxNonces) entries_.pop_front();
    entries_.push_back(Entry{challenger, nonce, fresh, 1});
    return Use{1, std::move(fresh)};
  }

 private:
  // Servers give a nonce with nearly every challenge, so that few of the old ones come back.
  static constexpr std::size_t kMaxNonces = 64;
  struct Entry {
    std::string challenger;
    std::string nonce;
    // RFC 7616 §3.4.2: a session's key is made of the first one.
    std::string cnonce;
    std::uint32_t count = 0;
  };

  std::mutex mutex_;
  std::deque<Entry> entries_;  // the oldest first
};

/// RFC 7616 §3.4: the request target as whoever challenges sees it.
std::string target_of(const Response& response) {
  const Request& request = response.request();
  const Url& url = request.url();
  if (response.code() != 407) return std::string(url.request_target());
  if (request.method() == "CONNECT") {
    const auto host = request.header("Host");
    return host.has_value() ? std::string(*host) : std::string(url.host_header()) + ':' + std::to_string(url.port());
  }
  return std::string(url.scheme()) + "://" + std::string(url.host_header()) + std::string(url.request_target());
}

class DigestAuthenticator final : public Authenticator {
 public:
  DigestAuthenticator(std::string user, std::string password, std::string host)
      : user_(std::move(user)), password_(std::move(password)), host_(std::move(host)) {}

  Task<std::optional<Request>> authenticate(const RouteInfo& route, const Response& response) override {
    const std::string& challenger = internal::challenger(route, response);
    if (!host_.empty() && host_ != challenger) co_return std::nullopt;
    const std::optional<DigestChallenge> challenge = internal::strongest_digest(response.challenges());
    if (!challenge.has_value()) co_return std::nullopt;
    const Request& refused = response.request();
    DigestInput input;
    input.uri = target_of(response);
    const auto shown = refused.header(internal::authorization_field(response));
    const bool was_refused = shown.has_value() && internal::was_refused(*shown, *challenge, user_, input.uri);
    if (was_refused && !challenge->is_stale) co_return std::nullopt;
    if (challenge->qop == DigestQop::auth_int) {
      const RequestBody* const body = refused.body().get();
      if (body != nullptr && (body->is_one_shot() || body->is_duplex())) co_return std::nullopt;
      DigestHasher hasher(challenge->hash);
      HashingSink sink(hasher);
      if (body != nullptr) {
        Task<void> writing = body->write_to(sink);
        co_await std::move(writing);
      }
      input.body_hash = hasher.finish();
    }
    const std::uint16_t port = response.code() == 407 ? route.proxy().port() : route.port();
    NonceCounts::Use use = counts_.next(challenger + ' ' + std::to_string(port), challenge->nonce);
    input.user = user_;
    input.password = password_;
    input.method = refused.method();
    input.count = use.count;
    input.cnonce = std::move(use.cnonce);
    std::optional<Request> request(
        internal::with_credentials(response, internal::digest_credentials(*challenge, input)));
    co_return request;
  }

 private:
  const std::string user_;
  const std::string password_;
  const std::string host_;
  NonceCounts counts_;
};

// RFC 7616 §3.4: a colon would make another user's hash possible; controls have no place in a header.
void check(std::string_view text, const char* what, bool is_user) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f) {
      throw std::invalid_argument(std::string(what) + " has a control character at byte " + std::to_string(i));
    }
    if (is_user && c == ':') throw std::invalid_argument("user name holds a colon");
  }
}

}  // namespace

std::shared_ptr<Authenticator> Authenticator::digest(std::string_view user, std::string_view password,
                                                     std::string_view host) {
  check(user, "user name", true);
  check(password, "password", false);
  return std::make_shared<DigestAuthenticator>(std::string(user), std::string(password),
                                               internal::canonical_host(host));
}

}  // namespace okhttp
