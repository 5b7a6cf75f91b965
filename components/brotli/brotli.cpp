#include <okhttp/brotli.hpp>

#include <brotli/decode.h>
#include <brotli/encode.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>

namespace okhttp {
namespace {

using Decoder = ContentCoding::Decoder;
using Encoder = ContentCoding::Encoder;

const std::uint8_t* octets(std::span<const std::byte> bytes) noexcept {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

class BrotliDecoder final : public Decoder {
 public:
  // "Large windows", of more than RFC 7932 has, are off unless asked for.
  BrotliDecoder() : brotli_(::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (brotli_ == nullptr) throw std::bad_alloc();
  }
  ~BrotliDecoder() override { ::BrotliDecoderDestroyInstance(brotli_); }

  Step decode(std::span<const std::byte> input, std::span<std::byte> room) override {
    if (::BrotliDecoderIsFinished(brotli_) == BROTLI_TRUE) return Step(0, 0, State::complete);
    std::size_t input_left = input.size();
    std::size_t room_left = room.size();
    const std::uint8_t* next_in = octets(input);
    auto* next_out = reinterpret_cast<std::uint8_t*>(room.data());
    const BrotliDecoderResult result =
        ::BrotliDecoderDecompressStream(brotli_, &input_left, &next_in, &room_left, &next_out, nullptr);
    if (result == BROTLI_DECODER_RESULT_ERROR) return refusal();
    const bool is_complete = result == BROTLI_DECODER_RESULT_SUCCESS;
    return Step(input.size() - input_left, room.size() - room_left, is_complete ? State::complete : State::unfinished);
  }

 private:
  [[nodiscard]] Step refusal() const {
    const BrotliDecoderErrorCode code = ::BrotliDecoderGetErrorCode(brotli_);
    // Those below are about memory (brotli/decode.h).
    if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES && code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES) {
      throw std::bad_alloc();
    }
    return Step::damaged(::BrotliDecoderErrorString(code));
  }

  BrotliDecoderState* const brotli_;
};

class BrotliEncoder final : public Encoder {
 public:
  BrotliEncoder() : brotli_(::BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    // The library's own default is for what is compressed once and sent often: it takes a hundred times as long.
    constexpr std::uint32_t kQuality = 5;
    if (brotli_ == nullptr) throw std::bad_alloc();
    ::BrotliEncoderSetParameter(brotli_, BROTLI_PARAM_QUALITY, kQuality);
  }
  ~BrotliEncoder() override { ::BrotliEncoderDestroyInstance(brotli_); }

  Step encode(std::span<const std::byte> input, std::span<std::byte> room, Until until) override {
    std::size_t input_left = input.size();
    std::size_t room_left = room.size();
    const std::uint8_t* next_in = octets(input);
    auto* next_out = reinterpret_cast<std::uint8_t*>(room.data());
    if (::BrotliEncoderCompressStream(brotli_, operation(until), &input_left, &next_in, &room_left, &next_out,
                                      nullptr) == BROTLI_FALSE) {
      throw std::bad_alloc();  // there is no other reason
    }
    const bool has_all = input_left == 0 && ::BrotliEncoderHasMoreOutput(brotli_) == BROTLI_FALSE;
    const bool is_done = has_all && (until != Until::end || ::BrotliEncoderIsFinished(brotli_) == BROTLI_TRUE);
    return Step(input.size() - input_left, room.size() - room_left, is_done);
  }

 private:
  static BrotliEncoderOperation operation(Until until) noexcept {
    switch (until) {
      case Until::more:
        return BROTLI_OPERATION_PROCESS;
      case Until::flushed:
        return BROTLI_OPERATION_FLUSH;
      case Until::end:
        break;
    }
    return BROTLI_OPERATION_FINISH;
  }

  BrotliEncoderState* const brotli_;
};

class Brotli final : public ContentCoding {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "br"; }
  [[nodiscard]] std::unique_ptr<Decoder> make_decoder() const override { return std::make_unique<BrotliDecoder>(); }
  [[nodiscard]] bool has_encoder() const noexcept override { return true; }
  [[nodiscard]] std::unique_ptr<Encoder> make_encoder() const override { return std::make_unique<BrotliEncoder>(); }
};

}  // namespace

std::shared_ptr<const ContentCoding> brotli() {
  static const auto coding = std::make_shared<const Brotli>();
  return coding;
}

}  // namespace okhttp
