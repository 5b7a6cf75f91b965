#include "http/digest.hpp"

#include <okhttp/headers.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <utility>

#include "http/ascii.hpp"
#include "http/latin1.hpp"

namespace okhttp::internal {
namespace {

struct Algorithm {
  std::string_view name;
  DigestHash hash;
};
constexpr std::array<Algorithm, 3> kAlgorithms = {Algorithm{"MD5", DigestHash::md5},
                                                  Algorithm{"SHA-256", DigestHash::sha256},
                                                  Algorithm{"SHA-512-256", DigestHash::sha512_256}};
constexpr std::string_view kSession = "-sess";

const EVP_MD* function_of(DigestHash hash) noexcept {
  switch (hash) {
    case DigestHash::md5:
      return EVP_md5();
    case DigestHash::sha256:
      return EVP_sha256();
    case DigestHash::sha512_256:
      break;
  }
  return EVP_sha512_256();
}

std::string hash_of(DigestHash hash, std::string_view text) {
  DigestHasher hasher(hash);
  hasher.update(std::as_bytes(std::span(text)));
  return hasher.finish();
}

/// False for an algorithm that is not known.
bool take_algorithm(std::string_view name, DigestChallenge& into) {
  if (name.size() > kSession.size() &&
      equals_ignore_case_inline(name.substr(name.size() - kSession.size()), kSession)) {
    into.is_session = true;
    name.remove_suffix(kSession.size());
  }
  for (const Algorithm& known : kAlgorithms) {
    if (!equals_ignore_case_inline(known.name, name)) continue;
    into.hash = known.hash;
    return true;
  }
  return false;
}

/// False when nothing that is offered is known.
bool take_qop(std::string_view offered, DigestChallenge& into) {
  bool has_auth_int = false;
  while (!offered.empty()) {
    const std::size_t end = std::min(offered.find_first_of(", \t"), offered.size());
    const std::string_view one = offered.substr(0, end);
    offered.remove_prefix(std::min(end + 1, offered.size()));
    if (equals_ignore_case_inline(one, "auth")) {
      into.qop = DigestQop::auth;
      return true;
    }
    if (equals_ignore_case_inline(one, "auth-int")) has_auth_int = true;
  }
  into.qop = DigestQop::auth_int;
  return has_auth_int;
}

bool is_true(const Challenge& challenge, std::string_view name) {
  const auto value = challenge.parameter(name);
  return value.has_value() && equals_ignore_case_inline(*value, "true");
}

std::optional<DigestChallenge> read(const Challenge& challenge) {
  DigestChallenge read;
  const auto nonce = challenge.parameter("nonce");
  if (!nonce.has_value()) return std::nullopt;
  read.nonce = *nonce;
  read.realm = challenge.realm().value_or("");
  if (const auto algorithm = challenge.parameter("algorithm")) {
    if (!take_algorithm(*algorithm, read)) return std::nullopt;
    read.algorithm = *algorithm;
  }
  if (const auto qop = challenge.parameter("qop"); qop.has_value() && !take_qop(*qop, read)) return std::nullopt;
  if (const auto opaque = challenge.parameter("opaque")) read.opaque = *opaque;
  read.is_stale = is_true(challenge, "stale");
  read.hashes_user = is_true(challenge, "userhash");
  read.wants_utf8 = challenge.wants_utf8();
  return read;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

/// RFC 8187 §3.2.1: what stands as it is, the rest is percent-encoded.
std::string extended_value(std::string_view utf8) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  static constexpr std::string_view kOther = "!#$&+-.^_`|~";
  std::string out = "UTF-8''";
  for (const char c : utf8) {
    if (is_alpha(c) || is_digit(c) || kOther.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 0xfU];
  }
  return out;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// The bytes that are hashed: RFC 7616 §4 has UTF-8 where the server asks for it, and says nothing where it does not.
std::string encoded(const DigestChallenge& challenge, std::string_view utf8) {
  if (challenge.wants_utf8) return std::string(utf8);
  return to_latin1(utf8).value_or(std::string(utf8));
}

/// The parameter that says who it is: its name and its value, without quotes.
std::pair<std::string_view, std::string> name_parameter(const DigestChallenge& challenge, std::string_view user) {
  if (challenge.hashes_user) {
    return {"username", hash_of(challenge.hash, encoded(challenge, user) + ':' + challenge.realm)};
  }
  if (is_ascii(user)) return {"username", std::string(user)};
  const std::optional<std::string> latin1 = challenge.wants_utf8 ? std::nullopt : to_latin1(user);
  if (latin1.has_value()) return {"username", *latin1};
  return {"username*", extended_value(user)};
}

std::string_view qop_name(DigestQop qop) noexcept { return qop == DigestQop::auth_int ? "auth-int" : "auth"; }

std::string hex_count(std::uint32_t count) {
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(count));
  return text.data();
}

/// RFC 7616 §3.4.1 to §3.4.3.
std::string response_of(const DigestChallenge& challenge, const DigestInput& input) {
  std::string secret = hash_of(challenge.hash, encoded(challenge, input.user) + ':' + challenge.realm + ':' +
                                                   encoded(challenge, input.password));
  if (challenge.is_session) secret = hash_of(challenge.hash, secret + ':' + challenge.nonce + ':' + input.cnonce);
  std::string what = input.method + ':' + input.uri;
  if (challenge.qop == DigestQop::auth_int) what += ':' + input.body_hash;
  std::string text = secret + ':' + challenge.nonce + ':';
  if (challenge.qop != DigestQop::none) {
    text += hex_count(input.count) + ':' + input.cnonce + ':' + std::string(qop_name(challenge.qop)) + ':';
  }
  return hash_of(challenge.hash, text + hash_of(challenge.hash, what));
}

}  // namespace

DigestHasher::DigestHasher(DigestHash hash)
    : context_(EVP_MD_CTX_new(), [](void* context) { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context)); }) {
  if (context_ == nullptr) throw std::bad_alloc();
  if (EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_.get()), function_of(hash), nullptr) != 1) {
    throw std::runtime_error("the hash function of a Digest challenge is not available");
  }
}

void DigestHasher::update(std::span<const std::byte> bytes) {
  if (EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_.get()), bytes.data(), bytes.size()) != 1) {
    throw std::bad_alloc();
  }
}

std::string DigestHasher::finish() {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_.get()), bytes.data(), &size) != 1) throw std::bad_alloc();
  std::string text;
  text.reserve(std::size_t{size} * 2);
  for (unsigned i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4U];
    text += kDigits[bytes[i] & 0xfU];
  }
  return text;
}

std::optional<DigestChallenge> strongest_digest(const std::vector<Challenge>& challenges) {
  std::optional<DigestChallenge> strongest;
  for (const Challenge& challenge : challenges) {
    if (!challenge.is_scheme("Digest")) continue;
    std::optional<DigestChallenge> one = read(challenge);
    if (one.has_value() && (!strongest.has_value() || one->hash > strongest->hash)) strongest = std::move(one);
  }
  return strongest;
}

std::string digest_credentials(const DigestChallenge& challenge, const DigestInput& input) {
  // RFC 7616 §3.4: some values must be quoted strings, and algorithm, qop, nc and userhash must not be.
  const auto [name, value] = name_parameter(challenge, input.user);
  std::string text = "Digest " + std::string(name) + '=' + (name == "username" ? quoted(value) : value);
  text += ", realm=" + quoted(challenge.realm);
  text += ", uri=" + quoted(input.uri);
  if (challenge.algorithm.has_value()) text += ", algorithm=" + *challenge.algorithm;
  text += ", nonce=" + quoted(challenge.nonce);
  if (challenge.qop != DigestQop::none) text += ", nc=" + hex_count(input.count);
  if (challenge.qop != DigestQop::none || challenge.is_session) text += ", cnonce=" + quoted(input.cnonce);
  if (challenge.qop != DigestQop::none) text += ", qop=" + std::string(qop_name(challenge.qop));
  text += ", response=" + quoted(response_of(challenge, input));
  if (challenge.opaque.has_value()) text += ", opaque=" + quoted(*challenge.opaque);
  if (challenge.hashes_user) text += ", userhash=true";
  return text;
}

bool was_refused(std::string_view field, const DigestChallenge& challenge, std::string_view user,
                 std::string_view uri) {
  // Credentials have the grammar of a challenge (RFC 9110 §11.4).
  const Headers headers = Headers::Builder().add("Authorization", field).build();
  const std::vector<Challenge> shown = parse_challenges(headers, "Authorization");
  if (shown.empty() || !shown.front().is_scheme("Digest")) return false;
  const auto [name, value] = name_parameter(challenge, user);
  return shown.front().parameter(name) == value && shown.front().realm() == challenge.realm &&
         shown.front().parameter("uri") == uri;
}

bool is_for_one_request(std::string_view credentials) noexcept {
  constexpr std::string_view kScheme = "Digest ";
  return credentials.size() >= kScheme.size() &&
         equals_ignore_case_inline(credentials.substr(0, kScheme.size()), kScheme);
}

}  // namespace okhttp::internal
