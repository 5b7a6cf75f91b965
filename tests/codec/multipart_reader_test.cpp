#include <okhttp/error.hpp>
#include <okhttp/multipart_body.hpp>
#include <okhttp/multipart_reader.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "codec/scripted_source.hpp"
#include "codec/text_sink.hpp"
#include "support/simulated_engine.hpp"

namespace okhttp {
namespace {

using internal::ScriptedSource;

const std::string kTwoParts = "--b\r\nA: 1\r\nContent-Type: text/plain\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n";

std::unique_ptr<ScriptedSource> source_of(const std::string& text, std::size_t piece = SIZE_MAX) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < text.size(); at += std::min(piece, text.size() - at)) {
    pieces.push_back(text.substr(at, piece));
  }
  return std::make_unique<ScriptedSource>(std::move(pieces));
}

MultipartReader reader_of(const std::string& text, std::size_t piece = SIZE_MAX) {
  return MultipartReader(source_of(text, piece), "b");
}

std::vector<std::string> contents_of(const MultipartReader& reader) {
  std::vector<std::string> contents;
  while (const auto part = reader.next_part()) contents.push_back(part->body().string());
  return contents;
}

Errc failure_of(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.errc();
  }
  return Errc();
}

using Contents = std::vector<std::string>;

TEST(MultipartReaderTest, GivesPartsWithHeadersTypeAndContent) {
  const MultipartReader reader = reader_of(kTwoParts);
  const auto first = reader.next_part();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->header("a"), "1");
  EXPECT_EQ(first->headers().size(), 2U);
  EXPECT_EQ(first->body().content_type(), MediaType::parse("text/plain"));
  EXPECT_EQ(first->body().content_length(), std::nullopt);
  EXPECT_EQ(first->body().string(), "one");
  EXPECT_EQ(reader.next_part()->body().string(), "two");
  EXPECT_FALSE(reader.next_part().has_value());
  EXPECT_FALSE(reader.next_part().has_value());
}

TEST(MultipartReaderTest, PiecesOfEverySizeGiveTheSame) {
  for (std::size_t piece = 1; piece <= kTwoParts.size(); ++piece) {
    EXPECT_EQ(contents_of(reader_of(kTwoParts, piece)), (Contents{"one", "two"})) << piece;
  }
}

TEST(MultipartReaderTest, APartIsReadInPieces) {
  const MultipartReader reader = reader_of(kTwoParts);
  const auto part = reader.next_part();
  std::byte one{};
  std::string content;
  while (part->body().read_some(std::span(&one, 1)) == 1) content += static_cast<char>(one);
  EXPECT_EQ(content, "one");
  EXPECT_EQ(part->body().read_some(std::span(&one, 1)), 0U);
}

TEST(MultipartReaderTest, APartThatNobodyReadsIsPassedOver) {
  const std::string large(1 << 20, 'x');
  const MultipartReader reader = reader_of("--b\r\n\r\n" + large + "\r\n--b\r\n\r\ntwo\r\n--b--", 1000);
  const auto first = reader.next_part();
  EXPECT_EQ(first->body().skip(10), 10U);
  const auto second = reader.next_part();
  EXPECT_EQ(second->body().string(), "two");
  EXPECT_THROW((void)first->body().string(), std::logic_error);
  EXPECT_FALSE(reader.next_part().has_value());
}

TEST(MultipartReaderTest, APartThatWasReadStaysAtItsEnd) {
  const MultipartReader reader = reader_of(kTwoParts);
  const auto first = reader.next_part();
  EXPECT_EQ(first->body().string(), "one");
  (void)reader.next_part();
  EXPECT_EQ(first->body().string(), "");
}

TEST(MultipartReaderTest, PartsOutliveTheReader) {
  std::optional<MultipartReader::Part> part;
  {
    const MultipartReader reader = reader_of(kTwoParts);
    part = reader.next_part();
  }
  EXPECT_EQ(part->body().string(), "one");
}

TEST(MultipartReaderTest, CopiesShareTheReading) {
  const MultipartReader reader = reader_of(kTwoParts);
  const MultipartReader copy = reader;
  EXPECT_EQ(reader.next_part()->body().string(), "one");
  EXPECT_EQ(copy.next_part()->body().string(), "two");
  EXPECT_FALSE(reader.next_part().has_value());
  EXPECT_EQ(copy.boundary(), "b");
}

TEST(MultipartReaderTest, TheContentTypeNamesTheBoundary) {
  const auto body = [](const char* type) { return ResponseBody::create(kTwoParts, MediaType::parse(type)); };
  EXPECT_EQ(contents_of(MultipartReader(body("multipart/byteranges; boundary=b"))), (Contents{"one", "two"}));
  EXPECT_EQ(contents_of(MultipartReader(body("Multipart/Mixed; Boundary=\"b\""))), (Contents{"one", "two"}));
  for (const char* type : {"multipart/mixed", "text/plain; boundary=b", "multipart/mixed; boundary=\"\"",
                           "multipart/mixed; boundary=\"b \"", "multipart/mixed; boundary=\"b@\""}) {
    EXPECT_EQ(failure_of([&] { (void)MultipartReader(body(type)); }), Errc::protocol_error) << type;
  }
  const std::string long_type = "multipart/mixed; boundary=" + std::string(71, 'b');
  EXPECT_EQ(failure_of([&] { (void)MultipartReader(body(long_type.c_str())); }), Errc::protocol_error);
  EXPECT_EQ(failure_of([] { (void)MultipartReader(ResponseBody::create(kTwoParts)); }), Errc::protocol_error);
}

TEST(MultipartReaderTest, ABoundaryOfTheCallersIsChecked) {
  EXPECT_THROW((void)MultipartReader(ResponseBody::create(kTwoParts), ""), std::invalid_argument);
  EXPECT_THROW((void)MultipartReader(ResponseBody::create(kTwoParts), "a\r\n"), std::invalid_argument);
  EXPECT_THROW((void)MultipartReader(std::unique_ptr<BodySource>(), "b"), std::invalid_argument);
}

TEST(MultipartReaderTest, ReadsWhatMultipartBodyWrites) {
  const auto inner = MultipartBody::Builder("in ner").add_part(RequestBody::create("deep")).build();
  const auto body = MultipartBody::Builder("outer")
                        .add_form_data_part("a", "1")
                        .add_form_data_part("b", "f.txt", RequestBody::create("\r\n--oute\r\n"))
                        .add_part(inner)
                        .build();
  const MultipartReader reader(ResponseBody::create(internal::text_of(*body), body->content_type()));
  const auto first = reader.next_part();
  EXPECT_EQ(first->header("Content-Disposition"), "form-data; name=\"a\"");
  EXPECT_EQ(first->body().string(), "1");
  EXPECT_EQ(reader.next_part()->body().string(), "\r\n--oute\r\n");
  const auto third = reader.next_part();
  EXPECT_EQ(contents_of(MultipartReader(third->body())), Contents{"deep"});
  EXPECT_FALSE(reader.next_part().has_value());
}

TEST(MultipartReaderTest, ATruncatedBodyFailsInThePartAndEverAfter) {
  const MultipartReader reader = reader_of("--b\r\n\r\none");
  const auto part = reader.next_part();
  EXPECT_EQ(failure_of([&] { (void)part->body().string(); }), Errc::protocol_error);
  EXPECT_EQ(failure_of([&] { (void)part->body().string(); }), Errc::protocol_error);
  EXPECT_EQ(failure_of([&] { (void)reader.next_part(); }), Errc::protocol_error);
}

TEST(MultipartReaderTest, AFailureOfTheSourceIsThrownAsItIs) {
  auto source = source_of("--b\r\n\r\none");
  source->fail_at_end(Error(Errc::read_timeout, "too slow"));
  const MultipartReader reader(std::move(source), "b");
  EXPECT_TRUE(reader.next_part().has_value());
  EXPECT_EQ(failure_of([&] { (void)reader.next_part(); }), Errc::read_timeout);
  EXPECT_EQ(failure_of([&] { (void)reader.next_part(); }), Errc::read_timeout);
}

TEST(MultipartReaderTest, LimitsAreObeyed) {
  MultipartLimits limits;
  limits.max_parts = 1;
  const MultipartReader reader(ResponseBody::create(kTwoParts), "b", limits);
  EXPECT_TRUE(reader.next_part().has_value());
  EXPECT_EQ(failure_of([&] { (void)reader.next_part(); }), Errc::limit_exceeded);
}

TEST(MultipartReaderTest, HeadersLargerThanAPieceAreRead) {
  const std::string value(60'000, 'v');
  const MultipartReader reader = reader_of("--b\r\nA: " + value + "\r\n\r\none\r\n--b--", 999);
  const auto part = reader.next_part();
  EXPECT_EQ(part->header("A"), value);
  EXPECT_EQ(part->body().string(), "one");
}

TEST(MultipartReaderTest, AnEndlessHeaderTakesNoMemoryWithoutEnd) {
  auto source = source_of("--b\r\nA: " + std::string(10 << 20, 'v'), 16 << 10);
  const auto log = source->log();
  const MultipartReader reader(std::move(source), "b");
  EXPECT_EQ(failure_of([&] { (void)reader.next_part(); }), Errc::limit_exceeded);
  EXPECT_LE(log->asked.size(), 10U);
}

TEST(MultipartReaderTest, ReadsToTheEndAfterTheLastPart) {
  auto source = source_of(kTwoParts + std::string(60'000, 'e'), 10'000);
  const auto log = source->log();
  const MultipartReader reader(std::move(source), "b");
  EXPECT_EQ(contents_of(reader).size(), 2U);
  EXPECT_TRUE(log->is_destroyed);
  EXPECT_EQ(log->asked.size(), 8U);
}

TEST(MultipartReaderTest, AnEndlessEpilogueIsLeft) {
  auto source = source_of(kTwoParts + std::string(10 << 20, 'e'), 10'000);
  const auto log = source->log();
  const MultipartReader reader(std::move(source), "b");
  EXPECT_EQ(contents_of(reader).size(), 2U);
  EXPECT_TRUE(log->is_destroyed);
  EXPECT_LE(log->asked.size(), 10U);
}

Task<std::vector<std::string>> contents_async(MultipartReader reader) {
  std::vector<std::string> contents;
  while (true) {
    Task<std::optional<MultipartReader::Part>> next = reader.async().next_part();
    const std::optional<MultipartReader::Part> part = co_await std::move(next);
    if (!part.has_value()) break;
    Task<std::string> reading = part->body().async().string();
    contents.push_back(co_await std::move(reading));
  }
  co_return contents;
}

TEST(MultipartReaderTest, IsAwaitedWhereEveryReadSuspends) {
  auto source = source_of(kTwoParts, 3);
  source->suspend();
  const MultipartReader reader(std::move(source), "b");
  internal::SimulatedEngine engine;
  EXPECT_EQ(engine.run(contents_async(reader)), (Contents{"one", "two"}));
}

}  // namespace
}  // namespace okhttp
