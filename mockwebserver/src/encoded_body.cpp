#include "encoded_body.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace okhttp::internal {
namespace {

constexpr std::size_t kEnough = std::size_t{32} * 1024;

std::uint64_t hex_digits(std::uint64_t value) noexcept {
  std::uint64_t digits = 1;
  while (value >>= 4) ++digits;
  return digits;
}

// The size line, its CRLF, the data and its CRLF.
std::uint64_t chunk_bytes(std::uint64_t data) noexcept { return hex_digits(data) + 2 + data + 2; }

std::uint64_t encoded_size(const ScriptedBody& body) noexcept {
  if (body.chunk_size == 0) return body.size;
  const std::uint64_t last = body.size % body.chunk_size;
  return body.size / body.chunk_size * chunk_bytes(body.chunk_size) + (last == 0 ? 0 : chunk_bytes(last));
}

}  // namespace

EncodedBody::EncodedBody(const ScriptedBody& body) noexcept : body_(body), remaining_(encoded_size(body)) {}

std::string_view EncodedBody::next(std::uint64_t max) {
  std::string_view run;
  if (body_.chunk_size == 0) {
    run = content(max);
  } else {
    if (encoded_taken_ == encoded_.size()) encode_chunks();
    run = std::string_view(encoded_).substr(
        encoded_taken_, static_cast<std::size_t>(std::min<std::uint64_t>(max, encoded_.size() - encoded_taken_)));
    encoded_taken_ += run.size();
  }
  remaining_ -= run.size();
  return run;
}

std::string_view EncodedBody::content(std::uint64_t max) noexcept {
  const std::uint64_t wanted = std::min(max, body_.size - offset_);
  const std::string_view run =
      body_.bytes != nullptr
          ? std::string_view(*body_.bytes).substr(static_cast<std::size_t>(offset_), static_cast<std::size_t>(wanted))
          : generated_run(offset_, wanted);
  offset_ += run.size();
  return run;
}

void EncodedBody::encode_chunks() {
  encoded_.clear();
  encoded_taken_ = 0;
  while (encoded_.size() < kEnough && offset_ < body_.size) {
    std::uint64_t data = std::min<std::uint64_t>(body_.chunk_size, body_.size - offset_);
    std::array<char, 16> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), data, 16);
    encoded_.append(digits.data(), end).append("\r\n");
    while (data > 0) {
      const std::string_view run = content(data);
      encoded_ += run;
      data -= run.size();
    }
    encoded_ += "\r\n";
  }
}

}  // namespace okhttp::internal
