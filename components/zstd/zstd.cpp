#include <okhttp/zstd.hpp>

#include <zstd.h>
#include <zstd_errors.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

namespace okhttp {
namespace {

using Decoder = ContentCoding::Decoder;
using Encoder = ContentCoding::Encoder;

/// RFC 9659 §3: 8 MiB is what a decoder has to take, and more is not to be sent.
constexpr int kMaxWindowLog = 23;

void require(std::size_t result) {
  if (::ZSTD_isError(result) == 0) return;
  if (::ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  throw std::runtime_error(std::string("zstd: ") + ::ZSTD_getErrorName(result));
}

/// The head of a frame as it comes (RFC 8878 §3.1.1, §3.1.2), as far as zstd is less strict than we are: it may know
/// the frames of its versions before that RFC, and decodes what is at hand as a whole without a look at its window.
class FrameHead final {
 public:
  enum class Verdict : std::uint8_t { fine, no_frame, large_window };

  void begin() noexcept { seen_ = 0; }
  /// What these bytes, which come next of the frame, make of it.
  Verdict read(std::span<const std::byte> bytes) noexcept {
    constexpr std::size_t kSize = 6;
    for (; seen_ < kSize && !bytes.empty(); ++seen_, bytes = bytes.subspan(1)) {
      const Verdict verdict = read(std::to_integer<unsigned>(bytes.front()));
      if (verdict != Verdict::fine) return verdict;
    }
    return Verdict::fine;
  }

 private:
  Verdict read(unsigned byte) noexcept {
    static constexpr std::array<unsigned, 4> kFrame{0x28, 0xb5, 0x2f, 0xfd};
    static constexpr std::array<unsigned, 4> kSkippable{0x50, 0x2a, 0x4d, 0x18};
    constexpr unsigned kSingleSegment = 0x20;
    if (seen_ < kFrame.size()) {
      if (seen_ == 0) is_skippable_ = (byte & 0xf0) == kSkippable[0];
      const unsigned expected = is_skippable_ ? kSkippable.at(seen_) : kFrame.at(seen_);
      return byte == expected || (seen_ == 0 && is_skippable_) ? Verdict::fine : Verdict::no_frame;
    }
    if (seen_ == kFrame.size()) {
      has_window_ = !is_skippable_ && (byte & kSingleSegment) == 0;
      return Verdict::fine;
    }
    // RFC 8878 §3.1.1.1.2: the exponent, from 1 KiB on, in the upper five bits, eighths in the lower three.
    constexpr unsigned kLargest = (kMaxWindowLog - 10) << 3;
    return has_window_ && byte > kLargest ? Verdict::large_window : Verdict::fine;
  }

  std::size_t seen_ = 0;
  bool is_skippable_ = false;
  bool has_window_ = false;
};

/// RFC 8878 §3: frames, one after another, of which the skippable ones have no content.
class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : zstd_(::ZSTD_createDCtx()) {
    if (zstd_ == nullptr) throw std::bad_alloc();
    ::ZSTD_DCtx_setParameter(zstd_, ZSTD_d_windowLogMax, kMaxWindowLog);
  }
  ~ZstdDecoder() override { ::ZSTD_freeDCtx(zstd_); }

  Step decode(std::span<const std::byte> input, std::span<std::byte> room) override {
    if (is_complete_) {
      if (input.empty()) return Step(0, 0, State::complete);
      head_.begin();
    }
    switch (head_.read(input)) {
      case FrameHead::Verdict::fine:
        break;
      case FrameHead::Verdict::no_frame:
        return is_complete_ ? Step(0, 0, State::complete) : Step::damaged("no frame begins there");
      case FrameHead::Verdict::large_window:
        return Step::damaged("its window is over 8 MiB");
    }
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const std::size_t result = ::ZSTD_decompressStream(zstd_, &out, &in);
    if (::ZSTD_isError(result) != 0) {
      if (::ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation) throw std::bad_alloc();
      return Step::damaged(::ZSTD_getErrorName(result));
    }
    is_complete_ = result == 0;
    return Step(in.pos, out.pos, is_complete_ ? State::complete : State::unfinished);
  }

 private:
  ZSTD_DCtx* const zstd_;
  FrameHead head_;
  bool is_complete_ = false;
};

class ZstdEncoder final : public Encoder {
 public:
  // Its default level has windows that are far below the limit.
  ZstdEncoder() : zstd_(::ZSTD_createCCtx()) {
    if (zstd_ == nullptr) throw std::bad_alloc();
    ::ZSTD_CCtx_setParameter(zstd_, ZSTD_c_checksumFlag, 1);
  }
  ~ZstdEncoder() override { ::ZSTD_freeCCtx(zstd_); }

  Step encode(std::span<const std::byte> input, std::span<std::byte> room, Until until) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const std::size_t held_back = ::ZSTD_compressStream2(zstd_, &out, &in, directive(until));
    require(held_back);
    const bool has_given = until == Until::more ? out.pos < out.size : held_back == 0;
    return Step(in.pos, out.pos, in.pos == in.size && has_given);
  }

 private:
  static ZSTD_EndDirective directive(Until until) noexcept {
    switch (until) {
      case Until::more:
        return ZSTD_e_continue;
      case Until::flushed:
        return ZSTD_e_flush;
      case Until::end:
        break;
    }
    return ZSTD_e_end;
  }

  ZSTD_CCtx* const zstd_;
};

class Zstd final : public ContentCoding {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "zstd"; }
  [[nodiscard]] std::unique_ptr<Decoder> make_decoder() const override { return std::make_unique<ZstdDecoder>(); }
  [[nodiscard]] bool has_encoder() const noexcept override { return true; }
  [[nodiscard]] std::unique_ptr<Encoder> make_encoder() const override { return std::make_unique<ZstdEncoder>(); }
};

}  // namespace

std::shared_ptr<const ContentCoding> zstd() {
  static const auto coding = std::make_shared<const Zstd>();
  return coding;
}

}  // namespace okhttp
