#include <okhttp/content_coding.hpp>
#include <okhttp/error.hpp>
#include <okhttp/gzip.hpp>
#include <okhttp/request.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "interceptors/content_decoding.hpp"
#include "runtime/calling_thread.hpp"
#include "support/coding_parameter.hpp"
#include "support/protocols.hpp"

namespace okhttp::internal {
namespace {

class StringSink final : public BodySink {
 public:
  using BodySink::write;
  Task<void> write(std::span<const std::byte> bytes) override {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    co_return;
  }
  Task<void> flush() override {
    flushed.push_back(text.size());
    co_return;
  }
  std::string text;
  std::vector<std::size_t> flushed;
};

std::string written_by(const RequestBody& body) {
  StringSink sink;
  CallingThread().run(body.write_to(sink));
  return sink.text;
}

Request post(RequestBodyPtr body) { return Request::post("http://a.example/", std::move(body)); }

class CompressedRequest : public ::testing::TestWithParam<Coding> {
 protected:
  [[nodiscard]] Request compress(const Request& request) const { return compressed(request, GetParam().coding); }
  [[nodiscard]] std::string decoded(const std::string& coded) const {
    return decode(Headers::of({{"Content-Encoding", GetParam().name()}}), ResponseBody::create(coded),
                  built_in_codings())
        .value()
        .string();
  }
  /// What a decoder makes of the beginning of a body.
  [[nodiscard]] std::string decoded_so_far(const std::string& coded) const {
    std::vector<std::byte> room(1000);
    const auto decoder = GetParam().coding->make_decoder();
    std::span<const std::byte> input = std::as_bytes(std::span<const char>(coded));
    std::string content;
    for (;;) {
      const auto step = decoder->decode(input, room);
      content.append(reinterpret_cast<const char*>(room.data()), step.made);
      input = input.subspan(step.taken);
      if (step.taken == 0 && step.made == 0) return content;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Codings, CompressedRequest, every_coding(), ParameterName());

TEST_P(CompressedRequest, IsCodedWhileItIsSentAndAnewEachTime) {
  std::string large;
  for (int i = 0; i < 100'000; ++i) large += std::to_string(i * 7919 % 100'003);
  for (const std::string& plain : {std::string(), std::string("text"), large}) {
    const Request request = compress(post(RequestBody::create(plain)));
    EXPECT_EQ(request.header("Content-Encoding"), GetParam().name());
    EXPECT_FALSE(request.body()->content_length().has_value());
    const std::string coded = written_by(*request.body());
    EXPECT_EQ(decoded(coded), plain);
    EXPECT_EQ(written_by(*request.body()), coded);
  }
}

TEST_P(CompressedRequest, AFlushLetsTheServerDecodeWhatCameSoFar) {
  const auto body = RequestBody::writer([](BodySink& sink) -> Task<void> {
    const std::string first = "first";
    co_await sink.write(std::string_view(first));
    co_await sink.flush();
    co_await sink.flush();
    const std::string second = " second";
    co_await sink.write(std::string_view(second));
  });
  const Request request = compress(post(body));
  StringSink sink;
  CallingThread().run(request.body()->write_to(sink));
  ASSERT_EQ(sink.flushed.size(), 2U);
  EXPECT_EQ(decoded_so_far(sink.text.substr(0, sink.flushed[0])), "first");
  EXPECT_EQ(decoded(sink.text), "first second");
}

TEST_P(CompressedRequest, PiecesOfAnySizeMakeOneStream) {
  const auto pieces = RequestBody::generator([] {
    return [size = std::size_t{0}]() mutable -> std::optional<std::string> {
      if (size > 300) return std::nullopt;
      return std::string(size++, 'x');
    };
  });
  EXPECT_EQ(decoded(written_by(*compress(post(pieces)).body())), std::string(300 * 301 / 2, 'x'));
}

TEST_P(CompressedRequest, KeepsTypeAndOneShot) {
  const RequestBodyPtr once =
      RequestBody::one_shot([] { return std::optional<std::string>(); }, MediaType::parse("text/plain"));
  const Request request = compress(post(once));
  EXPECT_TRUE(request.body()->is_one_shot());
  EXPECT_TRUE(request.body()->content_type().has_value());
}

TEST_P(CompressedRequest, IsRefusedWithoutABodyOrCodedAlready) {
  EXPECT_THROW((void)compress(Request::get("http://a.example/")), std::invalid_argument);
  EXPECT_THROW((void)compress(compress(post(RequestBody::create("x")))), std::invalid_argument);
}

TEST_P(CompressedRequest, TellsOfABodyThatBreaksItsPromise) {
  const RequestBodyPtr shorter = RequestBody::one_shot([] { return std::optional<std::string>(); }, std::nullopt, 3);
  const Request request = compress(post(shorter));
  try {
    (void)written_by(*request.body());
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::body_length_mismatch);
  }
}

TEST(GzipRequestTest, IsShortForTheCodingGzip) {
  const Request request = gzip(post(RequestBody::create("text")));
  EXPECT_EQ(request.header("Content-Encoding"), "gzip");
  EXPECT_EQ(written_by(*request.body()).substr(0, 2), "\x1f\x8b");
}

using Encoder = ContentCoding::Encoder;
using Step = Encoder::Step;
using Encode = std::function<Step(std::span<const std::byte>, std::span<std::byte>, Encoder::Until)>;

class FunctionEncoder final : public Encoder {
 public:
  explicit FunctionEncoder(Encode encode) : encode_(std::move(encode)) {}
  Step encode(std::span<const std::byte> input, std::span<std::byte> room, Until until) override {
    return encode_(input, room, until);
  }

 private:
  const Encode encode_;
};

/// Encodes as it is told; without an encoder when it is told nothing.
class Told final : public ContentCoding {
 public:
  explicit Told(bool says_that_it_can, Encode encode = nullptr)
      : has_encoder_(says_that_it_can), encode_(std::move(encode)) {}
  [[nodiscard]] std::string_view name() const noexcept override { return "told"; }
  [[nodiscard]] std::unique_ptr<Decoder> make_decoder() const override { return nullptr; }
  [[nodiscard]] bool has_encoder() const noexcept override { return has_encoder_; }
  [[nodiscard]] std::unique_ptr<Encoder> make_encoder() const override {
    return encode_ ? std::make_unique<FunctionEncoder>(encode_) : nullptr;
  }

 private:
  const bool has_encoder_;
  const Encode encode_;
};

TEST(ForeignEncoderTest, MustBeThere) {
  const Request request = post(RequestBody::create("text"));
  EXPECT_THROW((void)compressed(request, nullptr), std::invalid_argument);
  EXPECT_THROW((void)compressed(request, std::make_shared<Told>(false)), std::invalid_argument);
  const Request without = compressed(request, std::make_shared<Told>(true));
  EXPECT_THROW((void)written_by(*without.body()), Error);
}

TEST(ForeignEncoderTest, IsNotBelievedWhatCannotBe) {
  const std::vector<Encode> wrong = {
      [](auto input, auto, auto) { return Step(input.size() + 1, 0, true); },
      [](auto input, auto room, auto) { return Step(input.size(), room.size() + 1, true); },
      [](auto, auto, auto) { return Step(0, 0, false); },
      [](auto input, auto, auto) { return Step(input.empty() ? 0 : input.size() - 1, 0, true); },
  };
  for (const Encode& encode : wrong) {
    const Request request = compressed(post(RequestBody::create("text")), std::make_shared<Told>(true, encode));
    try {
      (void)written_by(*request.body());
      FAIL() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::caller);
    }
  }
}

}  // namespace
}  // namespace okhttp::internal
