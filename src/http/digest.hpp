#pragma once

#include <okhttp/challenge.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp::internal {

// The Digest scheme (RFC 7616): what a challenge asks for, and the credentials that answer it. No I/O.

/// The hash functions, from the weakest to the strongest.
enum class DigestHash : std::uint8_t { md5, sha256, sha512_256 };

/// A hash that is fed piece by piece.
class DigestHasher {
 public:
  /// Throws std::runtime_error when the cryptography library does not have that function, as MD5 under FIPS.
  explicit DigestHasher(DigestHash hash);
  void update(std::span<const std::byte> bytes);
  /// In small hexadecimal digits.
  [[nodiscard]] std::string finish();

 private:
  std::shared_ptr<void> context_;
};

/// How the body is protected: none is as in RFC 2069.
enum class DigestQop : std::uint8_t { none, auth, auth_int };

/// A challenge that can be answered.
struct DigestChallenge {
  DigestHash hash = DigestHash::md5;
  bool is_session = false;               ///< an algorithm with -sess
  std::optional<std::string> algorithm;  ///< as it was sent
  DigestQop qop = DigestQop::none;
  std::string realm;
  std::string nonce;
  std::optional<std::string> opaque;
  bool is_stale = false;
  bool hashes_user = false;
  bool wants_utf8 = false;
};

/// The strongest one that can be answered, and of equal ones the first. Nothing when there is none.
[[nodiscard]] std::optional<DigestChallenge> strongest_digest(const std::vector<Challenge>& challenges);

/// What one answer is computed from besides the challenge.
struct DigestInput {
  std::string user;      ///< UTF-8
  std::string password;  ///< UTF-8
  std::string method;
  std::string uri;          ///< the request target
  std::string body_hash;    ///< of an empty body when there is none; used for auth-int alone
  std::string cnonce;       ///< used unless there is no qop and no session
  std::uint32_t count = 1;  ///< the nonce count
};

/// The value of the Authorization field.
[[nodiscard]] std::string digest_credentials(const DigestChallenge& challenge, const DigestInput& input);

/// True when `field`, the Authorization that was refused, answers this challenge's realm as that user for that target:
/// another answer would be refused as well, unless only the nonce was stale.
[[nodiscard]] bool was_refused(std::string_view field, const DigestChallenge& challenge, std::string_view user,
                               std::string_view uri);

/// True for credentials that hold for the request alone for which they were made.
[[nodiscard]] bool is_for_one_request(std::string_view credentials) noexcept;

}  // namespace okhttp::internal
