#include "head_format.hpp"

#include <okhttp/certificate.hpp>
#include <okhttp/handshake.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace okhttp::sqlite {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr std::size_t kMaxHandshakes = 64;

class Writer {
 public:
  void number(std::uint64_t value) {
    std::array<std::byte, 8> bytes;
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::byte>(value >> (8 * i) & 0xffU);
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void time(std::chrono::system_clock::time_point value) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(value.time_since_epoch()).count();
    number(static_cast<std::uint64_t>(micros));
  }
  void text(std::string_view value) { blob(std::as_bytes(std::span(value))); }
  void blob(std::span<const std::byte> value) {
    number(value.size());
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }
  void reserve(std::size_t size) { bytes_.reserve(size); }
  [[nodiscard]] std::vector<std::byte> take() noexcept { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

struct Damaged {};

/// Throws Damaged where the bytes end too early.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) noexcept : rest_(bytes) {}
  std::uint64_t number() {
    const auto bytes = take(8);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    return value;
  }
  std::chrono::system_clock::time_point time() {
    return std::chrono::system_clock::time_point(std::chrono::duration_cast<std::chrono::system_clock::duration>(
        std::chrono::microseconds(static_cast<std::int64_t>(number()))));
  }
  std::span<const std::byte> blob() { return take(number()); }
  std::string_view text() {
    const auto bytes = blob();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

 private:
  std::span<const std::byte> take(std::uint64_t count) {
    if (count > rest_.size()) throw Damaged();
    const auto taken = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(static_cast<std::size_t>(count));
    return taken;
  }
  std::span<const std::byte> rest_;
};

void write_chain(Writer& to, const std::vector<Certificate>& chain) {
  to.number(chain.size());
  for (const Certificate& certificate : chain) to.blob(certificate.der());
}

std::vector<Certificate> read_chain(Reader& from) {
  std::vector<Certificate> chain;
  for (std::uint64_t left = from.number(); left > 0; --left) {
    std::optional<Certificate> certificate = Certificate::from_der(from.blob());
    if (!certificate.has_value()) throw Damaged();
    chain.push_back(std::move(*certificate));
  }
  return chain;
}

std::vector<std::byte> to_bytes(const Handshake& handshake) {
  Writer to;
  to.number(static_cast<std::uint64_t>(handshake.tls_version()));
  to.number(handshake.is_fallback() ? 1 : 0);
  to.text(handshake.cipher_suite());
  write_chain(to, handshake.peer_certificates());
  write_chain(to, handshake.local_certificates());
  return to.take();
}

std::shared_ptr<const Handshake> read_handshake(std::string_view bytes) {
  Reader from(std::as_bytes(std::span(bytes)));
  const auto version = static_cast<TlsVersion>(from.number());
  const bool is_fallback = from.number() != 0;
  std::string suite(from.text());
  std::vector<Certificate> peer = read_chain(from);
  std::vector<Certificate> local = read_chain(from);
  const Handshake handshake(version, std::move(suite), std::move(peer), std::move(local));
  return std::make_shared<const Handshake>(is_fallback ? handshake.as_fallback() : handshake);
}

}  // namespace

std::vector<std::byte> to_bytes(const CachedResponse& head) {
  Writer to;
  to.reserve(256 + head.message.size() + head.headers.byte_count() + 16 * head.headers.size());
  to.number(kFormat);
  to.number(static_cast<std::uint64_t>(head.code));
  to.text(head.message);
  to.number(static_cast<std::uint64_t>(head.protocol));
  to.time(head.sent_request_at);
  to.time(head.received_response_at);
  to.text(head.variant);
  to.number(head.part.has_value() ? 1 : 0);
  if (head.part.has_value()) {
    to.number(head.part->begin);
    to.number(head.part->length);
    to.number(head.part->complete_length);
  }
  to.number(head.headers.size());
  for (const auto [name, value] : head.headers) {
    to.text(name);
    to.text(value);
  }
  to.blob(head.handshake != nullptr ? to_bytes(*head.handshake) : std::vector<std::byte>());
  return to.take();
}

std::optional<CachedResponse> HeadReader::read(std::span<const std::byte> bytes) {
  try {
    Reader from(bytes);
    if (from.number() != kFormat) return std::nullopt;
    CachedResponse head;
    head.code = static_cast<int>(from.number());
    head.message = from.text();
    head.protocol = static_cast<Protocol>(from.number());
    head.sent_request_at = from.time();
    head.received_response_at = from.time();
    head.variant = from.text();
    if (from.number() != 0) {
      head.part.emplace();
      head.part->begin = from.number();
      head.part->length = from.number();
      head.part->complete_length = from.number();
    }
    Headers::Builder headers;
    for (std::uint64_t left = from.number(); left > 0; --left) {
      const std::string_view name = from.text();
      headers.add(name, from.text());
    }
    head.headers = std::move(headers).build();
    head.handshake = handshake_of(from.text());
    if (!from.at_end()) return std::nullopt;
    return head;
  } catch (const Damaged&) {
    return std::nullopt;
  } catch (const std::invalid_argument&) {  // what can be no header
    return std::nullopt;
  }
}

std::shared_ptr<const Handshake> HeadReader::handshake_of(std::string_view bytes) {
  if (bytes.empty()) return nullptr;
  const std::string key(bytes);
  {
    const std::lock_guard lock(mutex_);
    const auto known = handshakes_.find(key);
    if (known != handshakes_.end()) return known->second;
  }
  std::shared_ptr<const Handshake> made = read_handshake(bytes);
  const std::lock_guard lock(mutex_);
  if (handshakes_.size() >= kMaxHandshakes) handshakes_.clear();
  handshakes_.emplace(key, made);
  return made;
}

std::uint32_t checksum(std::uint32_t sum, std::span<const std::byte> bytes) noexcept {
  if (bytes.empty()) return sum;  // zlib takes a null pointer for the wish to begin anew
  return static_cast<std::uint32_t>(::crc32_z(sum, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::uint32_t checksum(std::uint32_t sum, std::string_view text) noexcept {
  return checksum(checksum(sum, std::uint64_t{text.size()}), std::as_bytes(std::span(text)));
}

std::uint32_t checksum(std::uint32_t sum, std::uint64_t number) noexcept {
  return checksum(sum, std::as_bytes(std::span(&number, 1)));
}

}  // namespace okhttp::sqlite
