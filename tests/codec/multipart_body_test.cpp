#include <okhttp/multipart_body.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "codec/text_sink.hpp"
#include "support/temporary_folder.hpp"

namespace okhttp {
namespace {

using internal::text_of;
using internal::TextSink;
using testing::HasSubstr;
using testing::Not;

RequestBodyPtr stream_of(std::string text, std::optional<std::uint64_t> length) {
  return RequestBody::writer([text](BodySink& sink) { return sink.write(std::string_view(text)); }, std::nullopt,
                             length);
}

class DuplexBody final : public RequestBody {
 public:
  [[nodiscard]] bool is_duplex() const override { return true; }
  [[nodiscard]] Task<void> write_to(BodySink& sink) const override { return sink.flush(); }
};

TEST(MultipartBodyTest, OnePartIsMixed) {
  const auto body = MultipartBody::Builder("123").add_part(RequestBody::create("Hello, World!")).build();
  EXPECT_EQ(text_of(*body), "--123\r\n\r\nHello, World!\r\n--123--\r\n");
  EXPECT_EQ(body->content_type()->to_string(), "multipart/mixed; boundary=123");
  EXPECT_EQ(body->content_length(), 33U);
  EXPECT_EQ(body->boundary(), "123");
  EXPECT_EQ(body->parts().size(), 1U);
}

TEST(MultipartBodyTest, PartsCarryTheirHeadersAndTheTypeOfTheirBody) {
  const auto body = MultipartBody::Builder("AaB03x")
                        .type(MediaType::parse("multipart/alternative"))
                        .add_part(Headers::of({{"X-One", "1"}}), RequestBody::json("{}"))
                        .add_part(RequestBody::create("b"))
                        .build();
  EXPECT_EQ(text_of(*body),
            "--AaB03x\r\nX-One: 1\r\nContent-Type: application/json\r\n\r\n{}"
            "\r\n--AaB03x\r\n\r\nb\r\n--AaB03x--\r\n");
  EXPECT_EQ(body->content_type()->to_string(), "multipart/alternative; boundary=AaB03x");
  EXPECT_EQ(body->content_length(), text_of(*body).size());
}

TEST(MultipartBodyTest, FormDataWithAFile) {
  const internal::TemporaryFolder folder;
  const RequestBodyPtr file = RequestBody::file(folder.file("a.txt", "content"), MediaType::parse("text/plain"));
  const auto body = MultipartBody::Builder("AaB03x")
                        .add_form_data_part("submit-name", "Larry")
                        .add_form_data_part("files", "a.txt", file)
                        .build();
  EXPECT_EQ(text_of(*body),
            "--AaB03x\r\nContent-Disposition: form-data; name=\"submit-name\"\r\n\r\nLarry"
            "\r\n--AaB03x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n"
            "Content-Type: text/plain\r\n\r\ncontent\r\n--AaB03x--\r\n");
  EXPECT_EQ(body->content_type()->to_string(), "multipart/form-data; boundary=AaB03x");
  EXPECT_EQ(body->content_length(), text_of(*body).size());
}

TEST(MultipartBodyTest, NamesCannotBringHeadersOfTheirOwn) {
  const auto body = MultipartBody::Builder("b")
                        .add_form_data_part("a\"; name=\"x\r\nEvil: 1\r\n\r\n", "f\"\n.txt", RequestBody::empty())
                        .build();
  EXPECT_THAT(text_of(*body), HasSubstr("form-data; name=\"a%22; name=%22x%0D%0AEvil: 1%0D%0A%0D%0A\"; "
                                        "filename=\"f%22%0A.txt\"\r\n\r\n"));
  EXPECT_THAT(text_of(*body), Not(HasSubstr("\nEvil")));
}

TEST(MultipartBodyTest, NamesMayHoldBackslashesAndUtf8) {
  const auto body = MultipartBody::Builder("b").add_form_data_part("c:\\\xc3\xa9", "v").build();
  EXPECT_THAT(text_of(*body), HasSubstr("name=\"c:\\\xc3\xa9\"\r\n"));
}

TEST(MultipartBodyTest, OtherControlCharactersInNamesAreRefused) {
  EXPECT_THROW(MultipartBody::Builder().add_form_data_part(std::string_view("a\0b", 3), "v"), std::invalid_argument);
}

TEST(MultipartBodyTest, LengthIsUnknownWhenThatOfAPartIs) {
  MultipartBody::Builder builder("b");
  builder.add_part(stream_of("abc", 3));
  EXPECT_EQ(builder.build()->content_length(), text_of(*builder.build()).size());
  builder.add_part(stream_of("abc", std::nullopt));
  EXPECT_EQ(builder.build()->content_length(), std::nullopt);
  EXPECT_EQ(text_of(*builder.build()), "--b\r\n\r\nabc\r\n--b\r\n\r\nabc\r\n--b--\r\n");
}

TEST(MultipartBodyTest, IsOneShotWhenAPartIs) {
  MultipartBody::Builder builder;
  builder.add_part(RequestBody::create("a"));
  EXPECT_FALSE(builder.build()->is_one_shot());
  builder.add_part(RequestBody::one_shot([] { return std::optional<std::string>(); }));
  EXPECT_TRUE(builder.build()->is_one_shot());
}

TEST(MultipartBodyTest, DuplexPartsAreRefused) {
  EXPECT_THROW(MultipartBody::Builder().add_part(std::make_shared<DuplexBody>()), std::invalid_argument);
}

TEST(MultipartBodyTest, BoundariesAreRandom) {
  const auto part = RequestBody::create("a");
  const auto first = MultipartBody::Builder().add_part(part).build();
  const auto second = MultipartBody::Builder().add_part(part).build();
  EXPECT_EQ(first->boundary().size(), 32U);
  EXPECT_NE(first->boundary(), second->boundary());
}

TEST(MultipartBodyTest, BoundaryThatIsNoTokenIsQuotedInTheType) {
  const auto body = MultipartBody::Builder("a b:c").add_part(RequestBody::create("x")).build();
  EXPECT_EQ(body->content_type()->to_string(), "multipart/mixed; boundary=\"a b:c\"");
  EXPECT_EQ(body->content_type()->parameter("boundary"), "a b:c");
}

TEST(MultipartBodyTest, MalformedBoundariesAreRefused) {
  EXPECT_THROW(MultipartBody::Builder(""), std::invalid_argument);
  EXPECT_THROW(MultipartBody::Builder("a\r\nb"), std::invalid_argument);
  EXPECT_THROW(MultipartBody::Builder("a\"b"), std::invalid_argument);
  EXPECT_THROW(MultipartBody::Builder("ends with space "), std::invalid_argument);
  EXPECT_THROW(MultipartBody::Builder(std::string(71, 'a')), std::invalid_argument);
  EXPECT_NO_THROW(MultipartBody::Builder(std::string(70, 'a')));
}

TEST(MultipartBodyTest, TypeMustBeMultipart) {
  EXPECT_THROW(MultipartBody::Builder().type(MediaType::parse("text/plain")), std::invalid_argument);
  EXPECT_THROW(MultipartBody::Builder().type(MediaType::parse("multipart/mixed; boundary=x")), std::invalid_argument);
}

TEST(MultipartBodyTest, HeadersThatTheBodySaysAreRefused) {
  const auto part = RequestBody::create("a");
  EXPECT_THROW(MultipartBody::Builder().add_part(Headers::of({{"content-type", "a/b"}}), part), std::invalid_argument);
  EXPECT_THROW(MultipartBody::Builder().add_part(Headers::of({{"Content-Length", "1"}}), part), std::invalid_argument);
  EXPECT_THROW(MultipartBody::Builder().add_part(nullptr), std::invalid_argument);
}

TEST(MultipartBodyTest, NeedsAPart) { EXPECT_THROW((void)MultipartBody::Builder().build(), std::invalid_argument); }

TEST(MultipartBodyTest, PartsAreStreamed) {
  const internal::TemporaryFolder folder;
  const auto body =
      MultipartBody::Builder("b").add_part(RequestBody::file(folder.file("big", std::string(200000, 'x')))).build();
  EXPECT_EQ(body->in_memory(), std::nullopt);
  TextSink sink;
  sink.take(*body);
  for (const std::string& piece : sink.pieces()) EXPECT_LE(piece.size(), 65536U);
  EXPECT_EQ(sink.text().size(), body->content_length());
}

TEST(MultipartBodyTest, FailureOfTheSinkPassesAtEveryWrite) {
  const auto body =
      MultipartBody::Builder("b").add_part(RequestBody::create("1")).add_part(RequestBody::create("2")).build();
  for (std::size_t write = 1; write <= 5; ++write) {
    TextSink sink;
    sink.fail_at(write);
    EXPECT_THROW(sink.take(*body), Error);
    EXPECT_EQ(sink.pieces().size(), write - 1);
  }
}

}  // namespace
}  // namespace okhttp
