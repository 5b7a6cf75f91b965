#include <okhttp/error.hpp>
#include <okhttp/form_body.hpp>
#include <okhttp/progress.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "codec/scripted_source.hpp"
#include "codec/text_sink.hpp"

namespace okhttp {
namespace {

using internal::ScriptedSource;
using internal::text_of;
using internal::TextSink;

/// What the callback was told, as "3/10" or "3/?".
struct Told {
  [[nodiscard]] ProgressCallback callback() {
    return [this](const Progress& progress) {
      texts.push_back(std::to_string(progress.transferred) + "/" +
                      (progress.total ? std::to_string(*progress.total) : std::string("?")));
      was_complete = progress.is_complete();
    };
  }

  std::vector<std::string> texts;
  bool was_complete = false;
};

using Texts = std::vector<std::string>;

RequestBody::Pieces pieces(std::vector<std::string> texts) {
  return [texts = std::move(texts), next = std::size_t{0}]() mutable -> std::optional<std::string> {
    if (next == texts.size()) return std::nullopt;
    return texts[next++];
  };
}

ResponseBody body_of(std::vector<std::string> texts, std::optional<std::uint64_t> length = std::nullopt) {
  return ResponseBody::create(std::make_unique<ScriptedSource>(std::move(texts)), MediaType::parse("a/b"), length);
}

TEST(UploadProgressTest, EachPieceOfABodyInMemoryIsTold) {
  Told told;
  const std::string text(150'000, 'x');
  EXPECT_EQ(text_of(*with_progress(RequestBody::create(text), told.callback())), text);
  EXPECT_EQ(told.texts, (Texts{"65536/150000", "131072/150000", "150000/150000"}));
  EXPECT_TRUE(told.was_complete);
}

TEST(UploadProgressTest, TheEndOfABodyOfUnknownLengthIsTold) {
  Told told;
  const auto body = RequestBody::one_shot(pieces({"one", "three"}));
  EXPECT_EQ(text_of(*with_progress(body, told.callback())), "onethree");
  EXPECT_EQ(told.texts, (Texts{"3/?", "8/?", "8/8"}));
}

TEST(UploadProgressTest, AnEmptyBodyIsToldOnce) {
  Told told;
  (void)text_of(*with_progress(RequestBody::empty(), told.callback()));
  EXPECT_EQ(told.texts, Texts{"0/0"});
}

TEST(UploadProgressTest, ABodyThatIsSentAgainCountsAnew) {
  Told told;
  const auto body = with_progress(RequestBody::create("text"), told.callback());
  EXPECT_EQ(text_of(*body), text_of(*body));
  EXPECT_EQ(told.texts, (Texts{"4/4", "4/4"}));
}

TEST(UploadProgressTest, ABodyThatBreaksOffIsNotComplete) {
  Told told;
  const auto body = with_progress(RequestBody::create(std::string(150'000, 'x')), told.callback());
  TextSink sink;
  sink.fail_at(2);
  EXPECT_THROW(sink.take(*body), Error);
  EXPECT_EQ(told.texts, Texts{"65536/150000"});
}

TEST(UploadProgressTest, TheBodyIsWhatItWas) {
  Told told;
  const auto type = MediaType::parse("a/b");
  const auto one_shot = with_progress(RequestBody::one_shot(pieces({}), type, 7), told.callback());
  EXPECT_TRUE(one_shot->is_one_shot());
  EXPECT_FALSE(one_shot->is_duplex());
  EXPECT_EQ(one_shot->content_type(), type);
  EXPECT_EQ(one_shot->content_length(), 7U);
  const auto nothing = [](BodySink&) -> Task<void> { co_return; };
  EXPECT_TRUE(with_progress(RequestBody::duplex(nothing), told.callback())->is_duplex());
}

TEST(UploadProgressTest, FlushesPass) {
  Told told;
  const auto flushing = [](BodySink& sink) -> Task<void> { co_await sink.flush(); };
  TextSink sink;
  sink.take(*with_progress(RequestBody::writer(flushing), told.callback()));
  EXPECT_EQ(sink.flushes(), 1);
}

TEST(UploadProgressTest, WhatTheCallbackThrowsEndsTheBody) {
  TextSink sink;
  const auto body = with_progress(RequestBody::create("text"), [](const Progress&) { throw std::runtime_error("no"); });
  EXPECT_THROW(sink.take(*body), std::runtime_error);
}

TEST(UploadProgressTest, NeedsABodyAndACallback) {
  EXPECT_THROW((void)with_progress(RequestBodyPtr(), [](const Progress&) {}), std::invalid_argument);
  EXPECT_THROW((void)with_progress(RequestBody::empty(), nullptr), std::invalid_argument);
}

TEST(DownloadProgressTest, EachReadIsTold) {
  Told told;
  const ResponseBody body = with_progress(body_of({"one", "three"}, 8), told.callback());
  EXPECT_EQ(body.content_length(), 8U);
  EXPECT_EQ(body.content_type(), MediaType::parse("a/b"));
  EXPECT_EQ(body.string(), "onethree");
  EXPECT_EQ(told.texts, (Texts{"3/8", "8/8"}));
  EXPECT_TRUE(told.was_complete);
}

TEST(DownloadProgressTest, TheEndOfABodyOfUnknownLengthIsTold) {
  Told told;
  EXPECT_EQ(with_progress(body_of({"one"}), told.callback()).string(), "one");
  EXPECT_EQ(told.texts, (Texts{"3/?", "3/3"}));
}

TEST(DownloadProgressTest, AnEmptyBodyIsToldOnce) {
  Told told;
  EXPECT_EQ(with_progress(ResponseBody(), told.callback()).string(), "");
  EXPECT_EQ(told.texts, Texts{"0/0"});
}

TEST(DownloadProgressTest, ABodyThatBreaksOffIsNotComplete) {
  Told told;
  auto source = std::make_unique<ScriptedSource>(Texts{"one"});
  source->fail_at_end(Error(Errc::connection_closed, "broken off"));
  const ResponseBody body =
      with_progress(ResponseBody::create(std::move(source), std::nullopt, std::nullopt), told.callback());
  EXPECT_THROW((void)body.string(), Error);
  EXPECT_EQ(told.texts, Texts{"3/?"});
}

TEST(DownloadProgressTest, WhatTheCallbackThrowsEndsTheReading) {
  const auto stop = [](const Progress&) { throw std::runtime_error("no"); };
  EXPECT_THROW((void)with_progress(body_of({"one"}), stop).string(), std::runtime_error);
  EXPECT_THROW((void)with_progress(body_of({"one"}), nullptr), std::invalid_argument);
}

TEST(DownloadProgressTest, TrailersPass) {
  Told told;
  auto source = std::make_unique<ScriptedSource>(Texts{"one"});
  source->trailers(Headers::of({{"A", "1"}}));
  const ResponseBody body =
      with_progress(ResponseBody::create(std::move(source), std::nullopt, std::nullopt), told.callback());
  EXPECT_TRUE(body.trailers().empty());
  (void)body.string();
  EXPECT_EQ(body.trailers().get("A"), "1");
}

}  // namespace
}  // namespace okhttp
