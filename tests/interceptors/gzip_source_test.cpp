#include "interceptors/gzip_source.hpp"

#include <okhttp/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "interceptors/content_coding.hpp"
#include "support/gzipped.hpp"

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
  return decode(Headers::of({{"Content-Encoding", content_encoding}}), body, {gzip_coding()});
}

std::string decoded(std::string coded, const std::string& content_encoding = "gzip", std::size_t piece = 1000) {
  return decoded_by(content_encoding, body_of(std::move(coded), piece)).value().string();
}

Errc failure_of(std::string coded, const std::string& content_encoding = "gzip") {
  try {
    (void)decoded(std::move(coded), content_encoding);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::peer);
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

TEST(GzipSourceTest, DecodesWhateverThePiecesAre) {
  const std::string plain = varied_text(100'000);
  const std::string coded = gzipped(plain);
  for (const std::size_t piece : {1UL, 2UL, 7UL, 1000UL, 1'000'000UL}) EXPECT_EQ(decoded(coded, "gzip", piece), plain);
}

TEST(GzipSourceTest, DecodesIntoAnyRoom) {
  // With little room zlib holds decoded bytes back although its input is used up.
  const std::string plain = std::string(5000, 'a') + varied_text(300) + std::string(5000, 'b');
  for (const std::size_t room : {1UL, 3UL, 257UL, 4096UL}) {
    const ResponseBody body = decoded_by("gzip", body_of(gzipped(plain), 5)).value();
    std::string got;
    std::vector<std::byte> buffer(room);
    while (const std::size_t count = body.read_some(buffer)) {
      got.append(reinterpret_cast<const char*>(buffer.data()), count);
    }
    EXPECT_EQ(got, plain) << room;
  }
}

TEST(GzipSourceTest, AnEmptyContentIsDecoded) { EXPECT_EQ(decoded(gzipped("")), ""); }

TEST(GzipSourceTest, TrailersOfTheCodedBodyAreKept) {
  const ResponseBody body = decoded_by("gzip", body_of(gzipped("x"))).value();
  (void)body.string();
  EXPECT_EQ(body.trailers().get("Checksum"), "7");
}

TEST(GzipSourceTest, MembersFollowOneAnother) {
  EXPECT_EQ(decoded(gzipped("one ") + gzipped("") + gzipped("two")), "one two");
  EXPECT_EQ(decoded(gzipped("one ") + gzipped("two"), "gzip", 1), "one two");
}

TEST(GzipSourceTest, TruncationIsFoundAtEveryByte) {
  const std::string coded = gzipped("a text that is long enough to be worth compressing, compressing, compressing");
  for (std::size_t size = 0; size < coded.size(); ++size) {
    EXPECT_EQ(failure_of(coded.substr(0, size)), Errc::decode_failed) << size;
  }
  const std::string two = coded + coded;
  for (std::size_t size = coded.size() + 1; size < two.size(); ++size) {
    EXPECT_EQ(failure_of(two.substr(0, size)), Errc::decode_failed) << size;
  }
}

TEST(GzipSourceTest, GarbageBehindTheEndIsFound) {
  const std::vector<std::string> garbages = {"x", std::string(1, '\0'), "\x1f", "\x1f\x8b", "<html>"};
  for (const std::string& garbage : garbages) {
    EXPECT_EQ(failure_of(gzipped("text") + garbage), Errc::decode_failed);
  }
}

TEST(GzipSourceTest, DamageIsFoundAtEveryByte) {
  const std::string plain = varied_text(300);
  const std::string coded = gzipped(plain);
  // The header's time, flags and system say nothing of the content.
  for (std::size_t at = 10; at < coded.size(); ++at) {
    std::string damaged = coded;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    EXPECT_EQ(failure_of(damaged), Errc::decode_failed) << at;
  }
  EXPECT_EQ(failure_of(plain), Errc::decode_failed);
}

TEST(GzipSourceTest, ABombIsRefusedBeforeItIsUnpacked) {
  const std::string bomb = gzipped(std::string(64U << 20, '\0'));
  ASSERT_LT(bomb.size(), 70'000U);
  const ResponseBody body = decoded_by("gzip", body_of(bomb)).value();
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

TEST(GzipSourceTest, NestedBombsCountTogether) {
  // What counts is what came over the wire, not what a layer takes from the one before it.
  const std::string inner = gzipped(varied_text(40'000) + std::string(12U << 20, 'a'));
  EXPECT_EQ(failure_of(gzipped(gzipped(inner)), "gzip, gzip, gzip"), Errc());
  const std::string bomb = gzipped(gzipped(gzipped(std::string(64U << 20, 'a'))));
  EXPECT_EQ(failure_of(bomb, "gzip, gzip, gzip"), Errc::limit_exceeded);
}

TEST(GzipSourceTest, WhatCompressesWellIsStillDecoded) {
  EXPECT_EQ(decoded(gzipped(std::string(4U << 20, 'a'))).size(), 4U << 20);
  const std::string large = varied_text(20U << 20);
  EXPECT_EQ(decoded(gzipped(large, Z_BEST_SPEED)), large);
}

TEST(ContentCodingTest, LayersAreTakenOffInReverse) {
  EXPECT_EQ(decoded(gzipped(gzipped("text")), "gzip, GZIP"), "text");
  EXPECT_EQ(decoded(gzipped("text"), "x-gzip"), "text");
  EXPECT_EQ(decoded(gzipped("text"), "identity, gzip"), "text");
}

TEST(ContentCodingTest, TooManyLayersAreRefused) {
  std::string coded = "text";
  for (int i = 0; i < 5; ++i) coded = gzipped(coded);
  EXPECT_EQ(decoded(coded, "gzip, gzip, gzip, gzip, gzip"), "text");
  EXPECT_EQ(failure_of(gzipped(coded), "gzip, gzip, gzip, gzip, gzip, gzip"), Errc::limit_exceeded);
}

TEST(ContentCodingTest, UnknownCodingsAreLeftAlone) {
  EXPECT_FALSE(decoded_by("br", body_of("x")).has_value());
  EXPECT_FALSE(decoded_by("br, gzip", body_of("x")).has_value());
  EXPECT_FALSE(decoded_by("identity", body_of("x")).has_value());
  EXPECT_FALSE(decode(Headers(), body_of("x"), {gzip_coding()}).has_value());
}

}  // namespace
}  // namespace okhttp::internal
