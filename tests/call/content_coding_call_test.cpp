// The codings of a client, from the builder to the wire.

#include <okhttp/cache.hpp>
#include <okhttp/client.hpp>
#include <okhttp/content_coding.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/call_styles.hpp"
#include "support/coding_parameter.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

/// A coding that changes nothing, under any name.
class Named final : public ContentCoding {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] std::string_view name() const noexcept override { return name_; }
  [[nodiscard]] std::unique_ptr<Decoder> make_decoder() const override {
    class Same final : public Decoder {
     public:
      Step decode(std::span<const std::byte> input, std::span<std::byte> room) override {
        const std::size_t count = std::min(input.size(), room.size());
        std::copy_n(input.begin(), count, room.begin());
        return Step(count, count, State::complete);
      }
    };
    return std::make_unique<Same>();
  }

 private:
  const std::string name_;
};

TEST(ContentCodingSetting, WhatCannotBeACodingIsRefused) {
  Client::Builder builder;
  EXPECT_THROW(builder.add_content_coding(nullptr), std::invalid_argument);
  for (const char* name : {"", "a b", "a,b", "a;q=1", "*", "identity", "Identity", "a\r\nb"}) {
    EXPECT_THROW(builder.add_content_coding(std::make_shared<Named>(name)), std::invalid_argument) << name;
  }
  EXPECT_TRUE(builder.build().content_codings().empty());
}

TEST(ContentCodingSetting, IsTakenOverByDerivedClients) {
  const auto first = std::make_shared<const Named>("first");
  const auto second = std::make_shared<const Named>("second");
  const Client one = Client::Builder().add_content_coding(first).build();
  const Client two = one.new_builder().add_content_coding(second).build();
  EXPECT_EQ(one.content_codings(), (std::vector<std::shared_ptr<const ContentCoding>>{first}));
  EXPECT_EQ(two.content_codings(), (std::vector<std::shared_ptr<const ContentCoding>>{first, second}));
}

class ContentCodingCall : public ProtocolTest<CallStyle> {};

INSTANTIATE_TEST_SUITE_P(Protocols, ContentCodingCall, over_both_protocols(both_call_styles()), ParameterName());

TEST_P(ContentCodingCall, EveryCodingIsAskedForInOrderAndTakenOff) {
  Client::Builder every = builder();
  std::string names;
  for (const auto& coding : built_in_codings()) {
    every.add_content_coding(coding);
    names += (names.empty() ? "" : ", ") + std::string(coding->name());
  }
  const Client client = every.build();
  const std::string text(100'000, 'x');
  for (const auto& coding : built_in_codings()) {
    server_.enqueue(MockResponse::Builder()
                        .chunked_body(encoded(*coding, text), 10)
                        .set_header("Content-Encoding", coding->name())
                        .trailers(Headers::of({{"Checksum", "7"}}))
                        .build());
    const Response response = run(how(), client.new_call(Request::get(server_.url("/"))));
    EXPECT_EQ(response.body().content_length(), std::nullopt);
    EXPECT_EQ(response.body().string(), text);
    EXPECT_EQ(response.trailers().get("Checksum"), "7");
    EXPECT_EQ(server_.take_request()->header("Accept-Encoding"), names);
  }
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_P(ContentCodingCall, ACodingOfOnesOwnIsOneLikeTheOthers) {
  const Client client = builder().add_content_coding(std::make_shared<Named>("x-same")).build();
  server_.enqueue(MockResponse::Builder()
                      .body(encoded(*ContentCoding::gzip(), "text"))
                      .set_header("Content-Encoding", "X-Same, gzip")
                      .build());
  EXPECT_EQ(run(how(), client.new_call(Request::get(server_.url("/")))).body().string(), "text");
  EXPECT_EQ(server_.take_request()->header("Accept-Encoding"), "x-same, gzip");
}

TEST_P(ContentCodingCall, ACacheKeepsWhatCameAndItIsDecodedEachTime) {
  Client::Builder caching = builder();
  for (auto& coding : built_in_codings()) caching.add_content_coding(std::move(coding));
  const Client client = caching.cache(Cache::in_memory(1 << 20)).build();
  for (const auto& coding : built_in_codings()) {
    const std::string path = "/" + std::string(coding->name());
    server_.enqueue(MockResponse::Builder()
                        .body(encoded(*coding, "text"))
                        .set_header("Content-Encoding", coding->name())
                        .set_header("Vary", "Accept-Encoding")
                        .set_header("Cache-Control", "max-age=60")
                        .build());
    for (int i = 0; i < 2; ++i) {
      const Response response = run(how(), client.new_call(Request::get(server_.url(path))));
      EXPECT_EQ(response.body().string(), "text");
      EXPECT_EQ(response.cache_response() != nullptr, i == 1);
    }
  }
  EXPECT_EQ(server_.request_count(), built_in_codings().size());
}

}  // namespace
}  // namespace okhttp
