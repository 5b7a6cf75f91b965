#include <okhttp/content_coding.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <new>
#include <optional>
#include <string_view>

namespace okhttp {
namespace {

using Decoder = ContentCoding::Decoder;
using Encoder = ContentCoding::Encoder;

// What zlib calls window bits says the format too.
constexpr int kGzip = 16 + MAX_WBITS;
constexpr int kZlib = MAX_WBITS;
constexpr int kRaw = -MAX_WBITS;

uInt length_of(std::size_t size) noexcept {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

/// Points zlib to these bytes; it does not write to the input, but its interface is older than const.
void lend(z_stream& zlib, std::span<const std::byte> input, std::span<std::byte> room) noexcept {
  zlib.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(input.data()));
  zlib.avail_in = length_of(input.size());
  zlib.next_out = reinterpret_cast<Bytef*>(room.data());
  zlib.avail_out = length_of(room.size());
}

class Inflation final {
 public:
  explicit Inflation(int format) {
    if (::inflateInit2(&zlib_, format) != Z_OK) throw std::bad_alloc();
  }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;
  ~Inflation() { ::inflateEnd(&zlib_); }

  /// Another stream begins, of that format.
  void begin(int format) noexcept { ::inflateReset2(&zlib_, format); }

  Decoder::Step step(std::span<const std::byte> input, std::span<std::byte> room) {
    lend(zlib_, input, room);
    const int result = ::inflate(&zlib_, Z_NO_FLUSH);
    const std::size_t taken = length_of(input.size()) - zlib_.avail_in;
    const std::size_t made = length_of(room.size()) - zlib_.avail_out;
    switch (result) {
      case Z_OK:
      case Z_BUF_ERROR:  // needs more input
        return Decoder::Step(taken, made, Decoder::State::unfinished);
      case Z_STREAM_END:
        return Decoder::Step(taken, made, Decoder::State::complete);
      case Z_MEM_ERROR:
        throw std::bad_alloc();
      default:
        return Decoder::Step::damaged(zlib_.msg != nullptr ? zlib_.msg : "zlib refuses it");
    }
  }

 private:
  z_stream zlib_{};
};

const Decoder::Step kAtEnd(0, 0, Decoder::State::complete);

/// RFC 1952 §2.2: any number of members, one after another.
class GzipDecoder final : public Decoder {
 public:
  Step decode(std::span<const std::byte> input, std::span<std::byte> room) override {
    constexpr std::byte kFirstMagicByte{0x1f};
    if (is_complete_) {
      if (input.empty() || input.front() != kFirstMagicByte) return kAtEnd;
      inflation_.begin(kGzip);
    }
    const Step step = inflation_.step(input, room);
    is_complete_ = step.state == State::complete;
    return step;
  }

 private:
  Inflation inflation_{kGzip};
  bool is_complete_ = false;
};

/// RFC 9110 §8.4.1.2, in both forms.
class DeflateDecoder final : public Decoder {
 public:
  Step decode(std::span<const std::byte> input, std::span<std::byte> room) override {
    if (is_complete_) return kAtEnd;
    if (!is_format_known_) {
      if (input.empty()) return Step(0, 0, State::unfinished);
      if (!first_.has_value()) {
        first_ = input.front();
        return Step(1, 0, State::unfinished);
      }
      begin(*first_, input.front());
      // Neither form has content in its first byte.
      const Step begun = inflation_.step(std::span<const std::byte>(&*first_, 1), room);
      if (begun.state != State::unfinished) return begun;
    }
    const Step step = inflation_.step(input, room);
    is_complete_ = step.state == State::complete;
    return step;
  }

 private:
  void begin(std::byte first, std::byte second) noexcept {
    // RFC 1950 §2.2: the two bytes name the method and are a multiple of 31. What begins raw deflate so would be a
    // stored block (RFC 1951 §3.2.4) whose padding is not zero.
    constexpr unsigned kDeflateMethod = 8;
    const unsigned head = std::to_integer<unsigned>(first) << 8 | std::to_integer<unsigned>(second);
    const bool is_zlib = (head >> 8 & 0x0f) == kDeflateMethod && head % 31 == 0;
    if (!is_zlib) inflation_.begin(kRaw);
    is_format_known_ = true;
  }

  Inflation inflation_{kZlib};
  std::optional<std::byte> first_;
  bool is_format_known_ = false;
  bool is_complete_ = false;
};

class DeflateEncoder final : public Encoder {
 public:
  explicit DeflateEncoder(int format) {
    constexpr int kMemory = 8;
    if (::deflateInit2(&zlib_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, format, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~DeflateEncoder() override { ::deflateEnd(&zlib_); }

  Step encode(std::span<const std::byte> input, std::span<std::byte> room, Until until) override {
    lend(zlib_, input, room);
    const bool has_all = zlib_.avail_in == input.size();
    const int flush = until == Until::end ? Z_FINISH : until == Until::flushed ? Z_SYNC_FLUSH : Z_NO_FLUSH;
    const int result = ::deflate(&zlib_, has_all ? flush : Z_NO_FLUSH);
    const std::size_t taken = length_of(input.size()) - zlib_.avail_in;
    const std::size_t made = length_of(room.size()) - zlib_.avail_out;
    // Room was left over, so nothing is held back that this flush would give.
    const bool has_given = until == Until::end ? result == Z_STREAM_END : zlib_.avail_out > 0;
    return Step(taken, made, taken == input.size() && has_given);
  }

 private:
  z_stream zlib_{};
};

class Gzip final : public ContentCoding {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "gzip"; }
  [[nodiscard]] std::unique_ptr<Decoder> make_decoder() const override { return std::make_unique<GzipDecoder>(); }
  [[nodiscard]] bool has_encoder() const noexcept override { return true; }
  [[nodiscard]] std::unique_ptr<Encoder> make_encoder() const override {
    return std::make_unique<DeflateEncoder>(kGzip);
  }
};

class Deflate final : public ContentCoding {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "deflate"; }
  [[nodiscard]] std::unique_ptr<Decoder> make_decoder() const override { return std::make_unique<DeflateDecoder>(); }
  [[nodiscard]] bool has_encoder() const noexcept override { return true; }
  [[nodiscard]] std::unique_ptr<Encoder> make_encoder() const override {
    return std::make_unique<DeflateEncoder>(kZlib);
  }
};

}  // namespace

std::shared_ptr<const ContentCoding> ContentCoding::gzip() {
  static const auto coding = std::make_shared<const Gzip>();
  return coding;
}

std::shared_ptr<const ContentCoding> ContentCoding::deflate() {
  static const auto coding = std::make_shared<const Deflate>();
  return coding;
}

}  // namespace okhttp
