#include <okhttp/form_body.hpp>

#include <gtest/gtest.h>

#include <string>

#include "codec/text_sink.hpp"

namespace okhttp {
namespace {

using internal::text_of;

TEST(FormBodyTest, JoinsFieldsAndDecodesThemAgain) {
  const auto form = FormBody::Builder().add("a+=& b", "c+=& d").add("space, the", "final frontier").build();
  EXPECT_EQ(text_of(*form), "a%2B%3D%26+b=c%2B%3D%26+d&space%2C+the=final+frontier");
  EXPECT_EQ(form->content_length(), text_of(*form).size());
  EXPECT_EQ(form->content_type()->to_string(), "application/x-www-form-urlencoded");
  ASSERT_EQ(form->size(), 2U);
  EXPECT_EQ(form->encoded_name(0), "a%2B%3D%26+b");
  EXPECT_EQ(form->name(0), "a+=& b");
  EXPECT_EQ(form->value(0), "c+=& d");
  EXPECT_EQ(form->encoded_value(1), "final+frontier");
  EXPECT_EQ(form->value(1), "final frontier");
}

TEST(FormBodyTest, EncodesWhatTheStandardEncodes) {
  std::string ascii;
  for (char c = 0x20; c < 0x7f; ++c) ascii += c;
  EXPECT_EQ(FormBody::Builder().add(ascii, "").build()->encoded_name(0),
            "+%21%22%23%24%25%26%27%28%29*%2B%2C-.%2F0123456789%3A%3B%3C%3D%3E%3F%40ABCDEFGHIJKLMNOPQRSTUVWXYZ"
            "%5B%5C%5D%5E_%60abcdefghijklmnopqrstuvwxyz%7B%7C%7D%7E");
}

TEST(FormBodyTest, EncodesLineBreaksNulAndBytesAbove127) {
  const auto form = FormBody::Builder().add(std::string_view("\r\n\0\x7f", 4), "\xc3\xa9").build();
  EXPECT_EQ(text_of(*form), "%0D%0A%00%7F=%C3%A9");
  EXPECT_EQ(form->value(0), "\xc3\xa9");
}

TEST(FormBodyTest, AddEncodedKeepsEncodingsAndEncodesTheRest) {
  const auto form = FormBody::Builder().add_encoded("a%2f+b c", "100%&\r\n=%4").build();
  EXPECT_EQ(text_of(*form), "a%2f+b+c=100%25%26%3D%254");
  EXPECT_EQ(form->name(0), "a/ b c");
  EXPECT_EQ(form->value(0), "100%&=%4");
}

TEST(FormBodyTest, EmptyFormIsAnEmptyBody) {
  const auto form = FormBody::Builder().build();
  EXPECT_EQ(form->size(), 0U);
  EXPECT_EQ(form->content_length(), 0U);
  EXPECT_EQ(text_of(*form), "");
}

TEST(FormBodyTest, EmptyNamesAndValuesAreKept) {
  EXPECT_EQ(text_of(*FormBody::Builder().add("", "").add("", "b").add("c", "").build()), "=&=b&c=");
}

TEST(FormBodyTest, LiesInMemoryAndCanBeWrittenAgain) {
  const auto form = FormBody::Builder().add("a", "b").build();
  ASSERT_TRUE(form->in_memory());
  EXPECT_EQ(form->in_memory()->size(), 3U);
  EXPECT_EQ(text_of(*form), text_of(*form));
}

TEST(FormBodyTest, BuilderStaysUsable) {
  FormBody::Builder builder;
  builder.add("a", "1");
  const auto first = builder.build();
  EXPECT_EQ(text_of(*builder.add("b", "2").build()), "a=1&b=2");
  EXPECT_EQ(text_of(*first), "a=1");
}

}  // namespace
}  // namespace okhttp
