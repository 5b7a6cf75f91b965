#include <okhttp/error.hpp>
#include <okhttp/request_body.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "codec/text_sink.hpp"
#include "support/temporary_folder.hpp"

namespace okhttp {
namespace {

using internal::text_of;
using internal::TextSink;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

RequestBody::Pieces pieces_of(std::vector<std::string> pieces) {
  return [pieces = std::move(pieces), next = std::size_t{0}]() mutable -> std::optional<std::string> {
    if (next == pieces.size()) return std::nullopt;
    return pieces[next++];
  };
}

TEST(RequestBodyTest, TextKnowsItsLengthAndCanBeWrittenAgain) {
  const RequestBodyPtr body = RequestBody::create("some text", MediaType::parse("text/plain; charset=utf-8"));
  EXPECT_EQ(body->content_length(), 9U);
  EXPECT_EQ(body->content_type()->to_string(), "text/plain; charset=utf-8");
  EXPECT_FALSE(body->is_one_shot());
  EXPECT_FALSE(body->is_duplex());
  EXPECT_EQ(text_of(*body), "some text");
  EXPECT_EQ(text_of(*body), "some text");
}

TEST(RequestBodyTest, BodiesInMemoryShowTheirBytes) {
  const RequestBodyPtr text = RequestBody::create("abc");
  ASSERT_TRUE(text->in_memory());
  EXPECT_EQ(text->in_memory()->size(), 3U);
  const auto shared = std::make_shared<const std::vector<std::byte>>(bytes_of("shared"));
  EXPECT_EQ(RequestBody::shared(shared)->in_memory()->data(), shared->data());
  EXPECT_EQ(RequestBody::create(bytes_of("abc"))->in_memory()->size(), 3U);
}

TEST(RequestBodyTest, BytesAreWrittenAsTheyAre) {
  const std::string bytes("\0\xff\r\n", 4);
  EXPECT_EQ(text_of(*RequestBody::create(bytes_of(bytes))), bytes);
  EXPECT_EQ(text_of(*RequestBody::shared(std::make_shared<const std::vector<std::byte>>(bytes_of(bytes)))), bytes);
  EXPECT_EQ(RequestBody::create(bytes_of(bytes))->content_type(), std::nullopt);
}

TEST(RequestBodyTest, JsonSaysSo) {
  const RequestBodyPtr body = RequestBody::json("{}");
  EXPECT_EQ(body->content_type()->to_string(), "application/json");
  EXPECT_EQ(text_of(*body), "{}");
}

TEST(RequestBodyTest, EmptyBodyHasLengthZeroAndNoType) {
  EXPECT_EQ(RequestBody::empty()->content_length(), 0U);
  EXPECT_EQ(RequestBody::empty()->content_type(), std::nullopt);
  EXPECT_EQ(text_of(*RequestBody::empty()), "");
}

TEST(RequestBodyTest, FileIsReadInPiecesWhileItIsWritten) {
  const internal::TemporaryFolder folder;
  const std::string content(200000, 'x');
  const RequestBodyPtr body = RequestBody::file(folder.file("data", content), MediaType::parse("text/plain"));
  EXPECT_EQ(body->content_length(), 200000U);
  EXPECT_EQ(body->in_memory(), std::nullopt);
  TextSink sink;
  sink.take(*body);
  EXPECT_EQ(sink.text(), content);
  EXPECT_EQ(sink.pieces().front().size(), 65536U);
  EXPECT_EQ(text_of(*body), content) << "a second time";
}

TEST(RequestBodyTest, FileThatGrewGivesMoreThanItPromised) {
  const internal::TemporaryFolder folder;
  const RequestBodyPtr body = RequestBody::file(folder.file("data", "short"));
  (void)folder.file("data", "longer than it was");
  EXPECT_EQ(body->content_length(), 5U);
  EXPECT_EQ(text_of(*body), "longer than it was");
}

TEST(RequestBodyTest, FileThatCannotBeReadIsNamed) {
  const internal::TemporaryFolder folder;
  const auto path = folder.path() / "absent";
  try {
    (void)RequestBody::file(path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::io);
    EXPECT_EQ(error.system_error(), std::errc::no_such_file_or_directory);
    EXPECT_THAT(error.what(), HasSubstr(path.string() + ": No such file"));
  }
}

TEST(RequestBodyTest, FileMustBeARegularOne) {
  const internal::TemporaryFolder folder;
  const auto fifo = folder.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THROW((void)RequestBody::file(fifo), Error) << "and must not wait for a writer";
  EXPECT_THROW((void)RequestBody::file(folder.path()), Error);
}

TEST(RequestBodyTest, FileThatWentAwayFailsTheWriting) {
  const internal::TemporaryFolder folder;
  const auto path = folder.file("data", "text");
  const RequestBodyPtr body = RequestBody::file(path);
  std::filesystem::remove(path);
  EXPECT_THROW((void)text_of(*body), Error);
}

TEST(RequestBodyTest, GeneratorStartsAnewForEachTry) {
  const RequestBodyPtr body = RequestBody::generator([] { return pieces_of({"one", "", "two"}); });
  EXPECT_EQ(body->content_length(), std::nullopt);
  EXPECT_FALSE(body->is_one_shot());
  TextSink sink;
  sink.take(*body);
  EXPECT_THAT(sink.pieces(), ElementsAre("one", "two")) << "an empty piece would end a chunked body";
  EXPECT_EQ(text_of(*body), "onetwo");
}

TEST(RequestBodyTest, OneShotRefusesASecondTime) {
  const RequestBodyPtr body = RequestBody::one_shot(pieces_of({"a", "b"}), std::nullopt, 2);
  EXPECT_TRUE(body->is_one_shot());
  EXPECT_EQ(body->content_length(), 2U);
  EXPECT_EQ(text_of(*body), "ab");
  EXPECT_THROW((void)text_of(*body), std::logic_error);
}

TEST(RequestBodyTest, WriterIsACoroutineThatOutlivesItsTask) {
  const std::string word = "a text that is too long to be kept in the object itself";
  RequestBodyPtr body = RequestBody::writer(
      [word](BodySink& sink) -> Task<void> {
        co_await sink.write(std::string_view(word));
        co_await sink.flush();
        co_await sink.write(std::string_view("!"));
      },
      MediaType::parse("text/plain"), 56);
  EXPECT_EQ(body->content_length(), 56U);
  TextSink sink;
  sink.take(*body);
  EXPECT_EQ(sink.text(), word + "!");
  EXPECT_EQ(sink.flushes(), 1);
  EXPECT_EQ(text_of(*body), word + "!");
}

TEST(RequestBodyTest, ExceptionOfTheBodyPassesAsItIs) {
  const RequestBodyPtr body = RequestBody::generator(
      [] { return RequestBody::Pieces([]() -> std::optional<std::string> { throw std::out_of_range("mine"); }); });
  EXPECT_THROW((void)text_of(*body), std::out_of_range);
}

TEST(RequestBodyTest, FailureOfTheSinkEndsTheWriting) {
  int made = 0;
  const RequestBodyPtr body = RequestBody::generator([&made] {
    return RequestBody::Pieces([&made]() -> std::optional<std::string> {
      ++made;
      return "piece";
    });
  });
  TextSink sink;
  sink.fail_at(3);
  EXPECT_THROW(sink.take(*body), Error);
  EXPECT_EQ(made, 3);
}

TEST(RequestBodyTest, MissingFunctionsAndBytesAreRefused) {
  EXPECT_THROW((void)RequestBody::generator(nullptr), std::invalid_argument);
  EXPECT_THROW((void)RequestBody::one_shot(nullptr), std::invalid_argument);
  EXPECT_THROW((void)RequestBody::writer(nullptr), std::invalid_argument);
  EXPECT_THROW((void)RequestBody::shared(nullptr), std::invalid_argument);
}

}  // namespace
}  // namespace okhttp
