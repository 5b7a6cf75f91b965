#include "interceptors/decoding_source.hpp"

#include <okhttp/error.hpp>

#include <gtest/gtest.h>

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "interceptors/content_decoding.hpp"
#include "support/coding_parameter.hpp"
#include "support/protocols.hpp"

namespace okhttp::internal {
namespace {

/// Gives its text in pieces, as a connection does.
class PieceSource final : public BodySource {
 public:
  PieceSource(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  Task<std::size_t> read_some(std::span<std::byte> into) override {
    const std::size_t count = std::min({into.size(), piece_, text_.size() - position_});
    std::memcpy(into.data(), text_.data() + position_, count);
    position_ += count;
    co_return count;
  }
  [[nodiscard]] Headers trailers() const override { return Headers::of({{"Checksum", "7"}}); }

 private:
  const std::string text_;
  const std::size_t piece_;
  std::size_t position_ = 0;
};

ResponseBody body_of(std::string text, std::size_t piece = 1000) {
  return ResponseBody::create(std::make_unique<PieceSource>(std::move(text), piece), std::nullopt, std::nullopt);
}

std::optional<ResponseBody> decoded_by(const std::string& content_encoding, ResponseBody body) {
  return decode(Headers::of({{"Content-Encoding", content_encoding}}), body, built_in_codings());
}

std::string decoded(std::string coded, const std::string& content_encoding, std::size_t piece = 1000) {
  return decoded_by(content_encoding, body_of(std::move(coded), piece)).value().string();
}

Errc failure_of(std::string coded, const std::string& content_encoding, std::size_t piece = 1000) {
  try {
    (void)decoded(std::move(coded), content_encoding, piece);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::peer) << error.what();
    return error.errc();
  }
  return Errc();
}

std::string varied_text(std::size_t size) {
  std::string text;
  std::uint32_t seed = 1;
  while (text.size() < size) {
    seed = seed * 1664525 + 1013904223;
    text += std::to_string(seed % 1000);
  }
  text.resize(size);
  return text;
}

std::string hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

class EveryCoding : public ::testing::TestWithParam<Coding> {
 protected:
  [[nodiscard]] std::string name() const { return GetParam().name(); }
  [[nodiscard]] std::string coded(const std::string& plain) const { return encoded(GetParam(), plain); }
};

INSTANTIATE_TEST_SUITE_P(Codings, EveryCoding, every_coding(), ParameterName());

TEST_P(EveryCoding, IsDecodedWhateverThePiecesAre) {
  const std::string plain = varied_text(100'000);
  const std::string bytes = coded(plain);
  EXPECT_LT(bytes.size(), plain.size());
  for (const std::size_t piece : {1UL, 2UL, 7UL, 1000UL, 1'000'000UL}) EXPECT_EQ(decoded(bytes, name(), piece), plain);
}

TEST_P(EveryCoding, IsDecodedIntoAnyRoom) {
  // With little room a decoder holds content back although its input is used up.
  const std::string plain = std::string(5000, 'a') + varied_text(300) + std::string(5000, 'b');
  for (const std::size_t room : {1UL, 3UL, 257UL, 4096UL, 10'300UL}) {
    const ResponseBody body = decoded_by(name(), body_of(coded(plain), 5)).value();
    std::string got;
    std::vector<std::byte> buffer(room);
    while (const std::size_t count = body.read_some(buffer)) {
      got.append(reinterpret_cast<const char*>(buffer.data()), count);
    }
    EXPECT_EQ(got, plain) << room;
  }
}

TEST_P(EveryCoding, AnEmptyContentIsDecoded) {
  EXPECT_EQ(decoded(coded(""), name()), "");
  EXPECT_EQ(decoded(coded(""), name(), 1), "");
}

TEST_P(EveryCoding, NoContentAtAllIsEmpty) {
  EXPECT_EQ(decoded("", name()), "");
  EXPECT_EQ(decoded(coded(""), name() + ", " + name()), "") << "nothing is left for the layer within";
}

TEST_P(EveryCoding, KeepsTheTrailersOfTheCodedBody) {
  const ResponseBody body = decoded_by(name(), body_of(coded("x"))).value();
  (void)body.string();
  EXPECT_EQ(body.trailers().get("Checksum"), "7");
}

TEST_P(EveryCoding, TruncationIsFoundAtEveryByte) {
  const std::string whole = coded("a text that is long enough to be worth compressing, compressing, compressing");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(failure_of(whole.substr(0, size), name()), Errc::decode_failed) << size;
    EXPECT_EQ(failure_of(whole.substr(0, size), name(), 1), Errc::decode_failed) << size;
  }
}

TEST_P(EveryCoding, GarbageBehindTheEndIsFound) {
  const std::string whole = coded("text");
  const std::vector<std::string> garbages = {"x",
                                             std::string(1, '\0'),
                                             "<html>",
                                             std::string(20'000, 'x'),
                                             whole.substr(0, 1),
                                             whole.substr(0, whole.size() - 1)};
  for (const std::string& garbage : garbages) {
    EXPECT_EQ(failure_of(whole + garbage, name()), Errc::decode_failed) << ::testing::PrintToString(garbage);
    EXPECT_EQ(failure_of(whole + garbage, name(), 1), Errc::decode_failed) << ::testing::PrintToString(garbage);
    EXPECT_EQ(failure_of(whole + garbage, name(), whole.size()), Errc::decode_failed);
  }
}

TEST_P(EveryCoding, WhatIsInNoCodingIsDamaged) {
  for (const std::string text : {"plain text that nobody coded", "<html>", "{}"}) {
    EXPECT_EQ(failure_of(text, name()), Errc::decode_failed);
  }
}

TEST_P(EveryCoding, DamageEndsTheBodyOrPassesUnseenAndNeverMore) {
  const std::string whole = coded(varied_text(300));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    const Errc outcome = failure_of(damaged, name());
    EXPECT_TRUE(outcome == Errc::decode_failed || outcome == Errc()) << at;
    EXPECT_EQ(failure_of(damaged, name(), 1), outcome) << at;
  }
}

TEST_P(EveryCoding, ABombIsRefusedBeforeItIsUnpacked) {
  const std::string bomb = coded(std::string(64U << 20, '\0'));
  ASSERT_LT(bomb.size(), 70'000U);
  const ResponseBody body = decoded_by(name(), body_of(bomb)).value();
  std::vector<std::byte> buffer(65536);
  std::uint64_t got = 0;
  try {
    while (const std::size_t count = body.read_some(buffer)) got += count;
    FAIL() << "the bomb went off";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::limit_exceeded);
  }
  EXPECT_LT(got, 2 * DecodingBudget::kFree);
}

TEST_P(EveryCoding, NestedBombsCountTogether) {
  // What counts is what came over the wire, not what a layer takes from the one before it.
  const std::string layers = name() + ", " + name() + ", " + name();
  const std::string inner = coded(varied_text(40'000) + std::string(12U << 20, 'a'));
  EXPECT_EQ(failure_of(coded(coded(inner)), layers), Errc());
  const std::string bomb = coded(coded(coded(std::string(64U << 20, 'a'))));
  EXPECT_EQ(failure_of(bomb, layers), Errc::limit_exceeded);
}

TEST_P(EveryCoding, WhatCompressesWellIsStillDecoded) {
  EXPECT_EQ(decoded(coded(std::string(4U << 20, 'a')), name()).size(), 4U << 20);
  const std::string large = varied_text(12U << 20);
  EXPECT_EQ(decoded(coded(large), name()), large);
}

TEST_P(EveryCoding, IsTakenOffBelowAndAboveEveryOther) {
  for (const auto& other : built_in_codings()) {
    const std::string both = name() + ", " + std::string(other->name());
    EXPECT_EQ(decoded(encoded(*other, coded("text")), both), "text") << both;
    EXPECT_EQ(decoded(encoded(*other, coded("text")), both, 1), "text") << both;
    EXPECT_EQ(failure_of(coded(encoded(*other, "text")), both), other->name() == name() ? Errc() : Errc::decode_failed)
        << both;
  }
}

TEST_P(EveryCoding, TooManyLayersAreRefused) {
  std::string bytes = "text";
  std::string layers = name();
  for (int i = 0; i < 5; ++i) bytes = coded(bytes);
  for (int i = 0; i < 4; ++i) layers += "," + name();
  EXPECT_EQ(decoded(bytes, layers), "text");
  EXPECT_EQ(failure_of(coded(bytes), layers + ", " + name()), Errc::limit_exceeded);
}

// gzip

std::string gzipped(const std::string& plain) { return encoded(*ContentCoding::gzip(), plain); }

TEST(GzipDecoderTest, MembersFollowOneAnother) {
  EXPECT_EQ(decoded(gzipped("one ") + gzipped("") + gzipped("two"), "gzip"), "one two");
  EXPECT_EQ(decoded(gzipped("one ") + gzipped("two"), "gzip", 1), "one two");
}

TEST(GzipDecoderTest, TruncationOfTheLastMemberIsFoundAtEveryByte) {
  const std::string one = gzipped("a member");
  for (std::size_t size = one.size() + 1; size < 2 * one.size(); ++size) {
    EXPECT_EQ(failure_of((one + one).substr(0, size), "gzip"), Errc::decode_failed) << size;
  }
}

TEST(GzipDecoderTest, DamageIsFoundAtEveryByte) {
  const std::string coded = gzipped(varied_text(300));
  // The header's time, flags and system say nothing of the content.
  for (std::size_t at = 10; at < coded.size(); ++at) {
    std::string damaged = coded;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    EXPECT_EQ(failure_of(damaged, "gzip"), Errc::decode_failed) << at;
  }
}

// deflate

/// `plain` in the format that zlib makes with that many window bits.
std::string deflated(const std::string& plain, int window_bits, int level = Z_DEFAULT_COMPRESSION,
                     const std::string& dictionary = std::string()) {
  z_stream zlib{};
  if (::deflateInit2(&zlib, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  if (!dictionary.empty()) {
    ::deflateSetDictionary(&zlib, reinterpret_cast<const Bytef*>(dictionary.data()),
                           static_cast<uInt>(dictionary.size()));
  }
  std::string out(plain.size() + 1000, '\0');
  std::string in = plain;
  zlib.next_in = reinterpret_cast<Bytef*>(in.data());
  zlib.avail_in = static_cast<uInt>(in.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  const int result = ::deflate(&zlib, Z_FINISH);
  out.resize(zlib.total_out);
  ::deflateEnd(&zlib);
  if (result != Z_STREAM_END) throw std::runtime_error("deflate");
  return out;
}

TEST(DeflateDecoderTest, BothFormsAreUnderstood) {
  const std::string plain = varied_text(20'000);
  for (const int level : {0, 1, 6, 9}) {
    for (const int window_bits : {9, 12, 15}) {
      for (const std::size_t piece : {1UL, 1000UL}) {
        EXPECT_EQ(decoded(deflated(plain, window_bits, level), "deflate", piece), plain);
        EXPECT_EQ(decoded(deflated(plain, -window_bits, level), "deflate", piece), plain);
      }
    }
  }
  EXPECT_EQ(decoded(deflated("", -15), "deflate"), "");
}

TEST(DeflateDecoderTest, TheRawFormIsCheckedToo) {
  const std::string raw = deflated("a text that is long enough, long enough, long enough", -15);
  for (std::size_t size = 1; size < raw.size(); ++size) {
    EXPECT_EQ(failure_of(raw.substr(0, size), "deflate"), Errc::decode_failed) << size;
  }
  EXPECT_EQ(failure_of(raw + "x", "deflate"), Errc::decode_failed);
  EXPECT_EQ(failure_of(raw + raw, "deflate"), Errc::decode_failed);
}

TEST(DeflateDecoderTest, OneStreamIsAllThereMayBe) {
  const std::string one = deflated("one", 15);
  EXPECT_EQ(failure_of(one + one, "deflate"), Errc::decode_failed);
}

TEST(DeflateDecoderTest, ADictionaryIsRefused) {
  EXPECT_EQ(failure_of(deflated("a dictionary", 15, 6, "a dictionary"), "deflate"), Errc::decode_failed);
}

#ifdef OKHTTP_HAS_BROTLI
TEST(BrotliDecoderTest, OneStreamIsAllThereMayBe) {
  const std::string one = encoded(*brotli(), "one");
  EXPECT_EQ(failure_of(one + one, "br"), Errc::decode_failed);
}

TEST(BrotliDecoderTest, ALargeWindowIsRefused) {
  // RFC 7932 §9.1 reserves this beginning; brotli's own extension announces windows of up to 1 GiB with it.
  EXPECT_EQ(failure_of(hex("111e03"), "br"), Errc::decode_failed);
}

TEST(BrotliDecoderTest, TheLargestWindowOfTheRfcIsTaken) {
  EXPECT_EQ(decoded(hex("3f"), "br"), "");  // WBITS 24, and the last meta-block, which is empty
}
#endif

#ifdef OKHTTP_HAS_ZSTD
const std::string kMagic = hex("28b52ffd");
/// RFC 8878 §3.1.1.2: a raw block, the last one, that holds "a".
const std::string kLastBlock = hex("09000061");

std::string skippable(const std::string& content) {
  return hex("5f2a4d18") + std::string(1, static_cast<char>(content.size())) + std::string(3, '\0') + content;
}

TEST(ZstdDecoderTest, FramesFollowOneAnother) {
  const auto frame = [](const std::string& plain) { return encoded(*zstd(), plain); };
  const std::string frames = frame("one ") + frame("") + skippable("passed over") + frame("two") + skippable("");
  EXPECT_EQ(decoded(frames, "zstd"), "one two");
  EXPECT_EQ(decoded(frames, "zstd", 1), "one two");
  EXPECT_EQ(decoded(skippable("first") + frame("one"), "zstd"), "one");
  EXPECT_EQ(failure_of(frame("one") + skippable("cut off").substr(0, 12), "zstd"), Errc::decode_failed);
}

TEST(ZstdDecoderTest, WindowsOfUpToEightMebibytesAreTaken) {
  // A frame head without a size: its window is 2 to the power of 10 and the upper five bits, and as many eighths more
  // as the lower three say.
  const auto frame = [](char window) { return kMagic + std::string(1, '\0') + std::string(1, window) + kLastBlock; };
  for (const std::size_t piece : {1UL, 1000UL}) {
    EXPECT_EQ(decoded(frame(0x68), "zstd", piece), "a");
    EXPECT_EQ(failure_of(frame(0x69), "zstd", piece), Errc::decode_failed);
    EXPECT_EQ(failure_of(frame(0x70), "zstd", piece), Errc::decode_failed);
    EXPECT_EQ(failure_of(frame(static_cast<char>(0xff)), "zstd", piece), Errc::decode_failed);
  }
}

TEST(ZstdDecoderTest, AContentOfOverEightMebibytesNeedsAWindow) {
  // A single segment has its content for a window: 8 MiB and one byte, in a field of four bytes.
  const std::string frame = kMagic + hex("a0") + hex("01008000") + kLastBlock;
  EXPECT_EQ(failure_of(frame, "zstd"), Errc::decode_failed);
}

TEST(ZstdDecoderTest, AWindowThatIsTooLargeIsRefusedThoughItsContentIsSmall) {
  // The frame says that its content is one byte, in a field of eight.
  const std::string frame = kMagic + hex("c0") + hex("70") + hex("0100000000000000") + kLastBlock;
  EXPECT_EQ(failure_of(frame, "zstd"), Errc::decode_failed);
  EXPECT_EQ(failure_of(frame, "zstd", 1), Errc::decode_failed);
}

TEST(ZstdDecoderTest, ADictionaryIsRefused) {
  EXPECT_EQ(failure_of(kMagic + hex("01") + hex("00") + hex("07") + kLastBlock, "zstd"), Errc::decode_failed);
}

TEST(ZstdDecoderTest, FramesOfVersionsBeforeTheRfcAreRefused) {
  for (const char* magic : {"25b52ffd", "26b52ffd", "27b52ffd", "24b52ffd"}) {
    EXPECT_EQ(failure_of(hex(magic) + hex("0000") + kLastBlock, "zstd"), Errc::decode_failed);
  }
}

TEST(ZstdDecoderTest, DamageToTheContentIsFound) {
  const std::string coded = encoded(*zstd(), varied_text(300));
  for (std::size_t at = 6; at < coded.size(); ++at) {
    std::string damaged = coded;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    EXPECT_EQ(failure_of(damaged, "zstd"), Errc::decode_failed) << at;
  }
}
#endif

// Codings of others.

using Decoder = ContentCoding::Decoder;
using Step = Decoder::Step;
using State = Decoder::State;
using Decode = std::function<Step(std::span<const std::byte>, std::span<std::byte>)>;

class FunctionDecoder final : public Decoder {
 public:
  explicit FunctionDecoder(Decode decode) : decode_(std::move(decode)) {}
  Step decode(std::span<const std::byte> input, std::span<std::byte> room) override { return decode_(input, room); }

 private:
  const Decode decode_;
};

/// Decodes as it is told; without a decoder when it is told nothing.
class Told final : public ContentCoding {
 public:
  explicit Told(Decode decode) : decode_(std::move(decode)) {}
  [[nodiscard]] std::string_view name() const noexcept override { return "told"; }
  [[nodiscard]] std::unique_ptr<Decoder> make_decoder() const override {
    return decode_ ? std::make_unique<FunctionDecoder>(decode_) : nullptr;
  }

 private:
  const Decode decode_;
};

/// Reads all of "abc" as such a decoder makes it.
std::string told(Decode decode, const std::string& coded = "abc") {
  const ContentCodings codings{std::make_shared<Told>(std::move(decode))};
  return internal::decode(Headers::of({{"Content-Encoding", "told"}}), body_of(coded), codings).value().string();
}

std::pair<Errc, Blame> failure_when_told(Decode decode) {
  try {
    (void)told(std::move(decode));
  } catch (const Error& error) {
    return {error.errc(), error.blame()};
  }
  return {};
}

constexpr std::pair kDecoderIsWrong{Errc::decode_failed, Blame::caller};
constexpr std::pair kBodyIsWrong{Errc::decode_failed, Blame::peer};

TEST(ForeignDecoderTest, DecodesStepByStep) {
  const Decode one_by_one = [](auto input, auto room) {
    if (input.empty()) return Step(0, 0, State::complete);
    room.front() = input.front();
    return Step(1, 1, State::complete);
  };
  EXPECT_EQ(told(one_by_one), "abc");
  EXPECT_EQ(failure_when_told([](auto, auto) { return Step::damaged("no such thing"); }), kBodyIsWrong);
  EXPECT_EQ(failure_when_told([](auto input, auto) { return Step(input.size(), 0, State::unfinished); }), kBodyIsWrong);
}

TEST(ForeignDecoderTest, MayThrow) {
  EXPECT_THROW((void)told([](auto, auto) -> Step { throw std::domain_error("mine"); }), std::domain_error);
}

TEST(ForeignDecoderTest, CannotClaimMoreThanItWasGiven) {
  EXPECT_EQ(failure_when_told([](auto input, auto) { return Step(input.size() + 1, 0, State::complete); }),
            kDecoderIsWrong);
  EXPECT_EQ(
      failure_when_told([](auto input, auto room) { return Step(input.size(), room.size() + 1, State::unfinished); }),
      kDecoderIsWrong);
  EXPECT_EQ(failure_when_told([](auto, auto) { return Step(SIZE_MAX, SIZE_MAX, State::unfinished); }), kDecoderIsWrong);
}

TEST(ForeignDecoderTest, MustGetSomewhere) {
  EXPECT_EQ(failure_when_told([](auto, auto) { return Step(0, 0, State::unfinished); }), kDecoderIsWrong);
  EXPECT_EQ(failure_when_told([](auto, auto) { return Step(0, 0, State::complete); }), kBodyIsWrong);
  EXPECT_EQ(failure_when_told([turn = 0](auto, auto) mutable {
              return Step(0, 0, ++turn % 2 == 0 ? State::unfinished : State::complete);
            }),
            kDecoderIsWrong);
  EXPECT_EQ(failure_when_told(nullptr), kDecoderIsWrong);
}

TEST(ForeignDecoderTest, CannotMakeWithoutEnd) {
  const auto without_input = [](auto, auto room) { return Step(0, room.size(), State::unfinished); };
  EXPECT_EQ(failure_when_told(without_input).first, Errc::limit_exceeded);
  const auto ever_complete = [](auto, auto) { return Step(0, 1, State::complete); };
  EXPECT_EQ(failure_when_told(ever_complete).first, Errc::limit_exceeded);
}

// Which codings there are.

std::string asked_for_with(const ContentCodings& added) { return accept_encoding(codings_to_ask_for(added)); }

TEST(ContentCodingsTest, AreAskedForInTheOrderInWhichTheyWereAdded) {
  const auto told_coding = std::make_shared<Told>(nullptr);
  EXPECT_EQ(asked_for_with({}), "gzip");
  EXPECT_EQ(asked_for_with({told_coding}), "told, gzip");
  EXPECT_EQ(asked_for_with({ContentCoding::gzip(), told_coding}), "gzip, told");
  EXPECT_EQ(asked_for_with({told_coding, ContentCoding::deflate()}), "told, deflate, gzip");
  EXPECT_EQ(asked_for_with({told_coding, ContentCoding::deflate(), std::make_shared<Told>(nullptr)}),
            "deflate, told, gzip");
}

TEST(ContentCodingsTest, DeflateIsDecodedThoughNotAskedFor) {
  const ContentCodings codings = codings_to_decode(codings_to_ask_for({}));
  EXPECT_EQ(accept_encoding(codings), "gzip, deflate");
  EXPECT_EQ(accept_encoding(codings_to_decode(codings_to_ask_for({ContentCoding::deflate()}))), "deflate, gzip");
}

TEST(ContentDecodingTest, NamesAreComparedWithoutTheirCase) {
  EXPECT_EQ(decoded(gzipped(gzipped("text")), "gzip, GZIP"), "text");
  EXPECT_EQ(decoded(gzipped("text"), "x-gzip"), "text");
  EXPECT_EQ(decoded(gzipped("text"), "identity, gzip"), "text");
}

TEST(ContentDecodingTest, UnknownCodingsAreLeftAlone) {
  EXPECT_FALSE(decoded_by("compress", body_of("x")).has_value());
  EXPECT_FALSE(decoded_by("compress, gzip", body_of("x")).has_value());
  EXPECT_FALSE(decoded_by("identity", body_of("x")).has_value());
  EXPECT_FALSE(decode(Headers(), body_of("x"), built_in_codings()).has_value());
}

}  // namespace
}  // namespace okhttp::internal
