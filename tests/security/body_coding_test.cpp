#include <okhttp/client.hpp>
#include <okhttp/content_coding.hpp>
#include <okhttp/error.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/coding_parameter.hpp"
#include "support/gzipped.hpp"
#include "support/protocols.hpp"

// What the coding of a body must not cost, and what must not pass for a body (CVE-2022-32206, CVE-2023-23916,
// CVE-2026-22776, CVE-2026-21441, CVE-2026-44432, CVE-2023-3635, CVE-2025-0725).

namespace okhttp {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// How far reading a body got, and what ended it: nothing when its end was reached.
struct Outcome {
  std::uint64_t bytes = 0;
  std::optional<Errc> failure;
};

class BodyCoding : public ProtocolTest<Coding> {
 protected:
  BodyCoding() {
    Client::Builder every = builder();
    for (auto& coding : built_in_codings()) every.add_content_coding(std::move(coding));
    client_ = every.build();
  }
  [[nodiscard]] static std::string name() { return how().name(); }
  /// `plain` in the coding of this test, so many times.
  [[nodiscard]] static std::string coded(std::string plain, int times = 1) {
    for (int i = 0; i < times; ++i) plain = encoded(how(), plain);
    return plain;
  }
  static MockResponse answer(const std::string& bytes, std::string_view codings) {
    return MockResponse::Builder().body(bytes).set_header("Content-Encoding", codings).build();
  }
  static MockResponse answer(const std::string& bytes) { return answer(bytes, name()); }
  /// Reads what the server answers a plain GET with, piece by piece.
  Outcome read_answer() {
    Outcome outcome;
    try {
      const Response response = client_.execute(Request::get(server_.url("/")));
      std::vector<std::byte> buffer(16384);
      while (const std::size_t count = response.body().read_some(buffer)) outcome.bytes += count;
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::peer) << error.what();
      outcome.failure = error.errc();
    }
    return outcome;
  }
  /// The client is no worse for what it has refused.
  void expect_next_call_to_work() {
    server_.enqueue(MockResponse("done"));
    EXPECT_EQ(client_.execute(Request::get(server_.url("/next"))).body().string(), "done");
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, BodyCoding, over_both_protocols(every_coding()), ParameterName());

// CVE-2022-32206
TEST_P(BodyCoding, ABombIsRefusedLongBeforeItIsUnpacked) {
  server_.enqueue(answer(coded(std::string(64 * kMiB, '\0'))));
  const Outcome outcome = read_answer();
  EXPECT_EQ(outcome.failure, Errc::limit_exceeded);
  EXPECT_LT(outcome.bytes, 32 * kMiB);
  expect_next_call_to_work();
}

// CVE-2023-23916: the count of codings was kept for each header line, and began anew with the next.
TEST_P(BodyCoding, CodingsAreCountedOverAllHeaderLines) {
  MockResponse::Builder coded_six_times;
  for (int layer = 0; layer < 6; ++layer) coded_six_times.add_header("Content-Encoding", name());
  server_.enqueue(coded_six_times.body(coded("text", 6)).build());
  EXPECT_EQ(read_answer().failure, Errc::limit_exceeded);
  expect_next_call_to_work();
}

TEST_P(BodyCoding, NestedBombsAreMeasuredByWhatCameOverTheWire) {
  server_.enqueue(answer(coded(std::string(64 * kMiB, 'a'), 3), name() + ", " + name() + ", " + name()));
  EXPECT_EQ(read_answer().failure, Errc::limit_exceeded);
  expect_next_call_to_work();
}

TEST_P(BodyCoding, BombsInsideOtherCodingsAreMeasuredSoToo) {
  for (const auto& outer : built_in_codings()) {
    server_.enqueue(
        answer(encoded(*outer, coded(std::string(16 * kMiB, 'a'))), name() + ", " + std::string(outer->name())));
    EXPECT_EQ(read_answer().failure, Errc::limit_exceeded) << outer->name();
  }
}

// CVE-2026-22776
TEST_P(BodyCoding, ALimitOnABodyCountsDecodedBytes) {
  const std::string bytes = coded(std::string(2 * kMiB, 'a'));
  ASSERT_LT(bytes.size(), 64U << 10);
  server_.enqueue(answer(bytes));
  const Response response = client_.execute(Request::get(server_.url("/")));
  try {
    (void)response.body().string(kMiB);
    FAIL() << "the limit did not hold";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::limit_exceeded);
  }
}

// CVE-2026-21441, CVE-2026-44432
TEST_P(BodyCoding, TheBodyOfARedirectIsNotDrainedWithoutEnd) {
  server_.enqueue(MockResponse::Builder()
                      .code(302)
                      .generated_body(std::uint64_t{1} << 40)
                      .set_header("Content-Encoding", name())
                      .set_header("Location", server_.url("/b").to_string())
                      .build());
  server_.enqueue(MockResponse("done"));
  EXPECT_EQ(client_.execute(Request::get(server_.url("/a"))).body().string(), "done");
}

TEST_P(BodyCoding, TheBodyOfARedirectIsNotUnpacked) {
  const std::string bomb = coded(std::string(64 * kMiB, 'a'));
  server_.enqueue(answer(bomb).new_builder().code(302).set_header("Location", server_.url("/b").to_string()).build());
  server_.enqueue(MockResponse("done"));
  EXPECT_EQ(client_.execute(Request::get(server_.url("/a"))).body().string(), "done");
}

TEST_P(BodyCoding, ATruncatedBodyIsAnErrorWhereverItEnds) {
  const std::string whole = coded("text");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    server_.enqueue(answer(whole.substr(0, size)));
    EXPECT_EQ(read_answer().failure, Errc::decode_failed) << size;
  }
  expect_next_call_to_work();
}

TEST_P(BodyCoding, GarbageBehindTheEndIsAnError) {
  for (const std::string garbage : {"x", "<html>"}) {
    server_.enqueue(answer(coded("text") + garbage));
    EXPECT_EQ(read_answer().failure, Errc::decode_failed);
    // What comes in a piece of its own.
    server_.enqueue(MockResponse::Builder()
                        .chunked_body(coded("text") + garbage, 1)
                        .set_header("Content-Encoding", name())
                        .build());
    EXPECT_EQ(read_answer().failure, Errc::decode_failed);
  }
  server_.enqueue(answer("<html>not coded at all</html>"));
  EXPECT_EQ(read_answer().failure, Errc::decode_failed);
  expect_next_call_to_work();
}

TEST_P(BodyCoding, ABodyThatComesByteByByteIsDecoded) {
  const std::string plain = "a text that comes byte by byte, byte by byte";
  server_.enqueue(MockResponse::Builder().chunked_body(coded(plain), 1).set_header("Content-Encoding", name()).build());
  const Response response = client_.execute(Request::get(server_.url("/")));
  EXPECT_EQ(response.body().string(), plain);
  EXPECT_FALSE(response.headers().contains("Content-Encoding"));
  EXPECT_EQ(response.network_response()->header("Content-Encoding"), name());
  EXPECT_EQ(client_.connection_pool().connection_count(), 1U);
}

TEST_P(BodyCoding, AnEmptyContentIsNoError) {
  server_.enqueue(answer(coded("")));
  EXPECT_EQ(read_answer().failure, std::nullopt);
  server_.enqueue(answer(""));
  EXPECT_EQ(read_answer().failure, std::nullopt);
}

TEST_P(BodyCoding, NothingIsDecodedWhereNoBodyCanBe) {
  server_.enqueue(answer(coded("text")));
  const Response head = client_.execute(Request::head(server_.url("/").to_string()));
  EXPECT_EQ(head.header("Content-Encoding"), name());
  EXPECT_EQ(head.body().string(), "");
  for (const int code : {204, 304}) {
    server_.enqueue(MockResponse(code, Headers::of({{"Content-Encoding", name()}})));
    const Response response = client_.execute(Request::get(server_.url("/")));
    EXPECT_EQ(response.code(), code);
    EXPECT_EQ(response.body().string(), "");
  }
  expect_next_call_to_work();
}

TEST_P(BodyCoding, NothingIsDecodedThatTheCallerAskedFor) {
  const std::string bytes = coded("text");
  server_.enqueue(answer(bytes));
  const Request request = Request::get(server_.url("/")).new_builder().header("Accept-Encoding", name()).build();
  const Response response = client_.execute(request);
  EXPECT_EQ(response.header("Content-Encoding"), name());
  EXPECT_EQ(response.body().string(), bytes);
}

TEST_P(BodyCoding, ACodingThatNobodyAddedIsLeftAlone) {
  const Client plain = builder().build();
  const std::string bytes = coded("text");
  server_.enqueue(answer(bytes));
  const bool is_known = name() == "gzip" || name() == "deflate";
  EXPECT_EQ(plain.execute(Request::get(server_.url("/"))).body().string(), is_known ? "text" : bytes);
  EXPECT_EQ(server_.take_request()->header("Accept-Encoding"), "gzip");
}

// gzip's own. CVE-2023-3635, CVE-2025-0725: headers with an extra field or a name whose end never comes, or that claim
// too much.

class GzipCoding : public ProtocolTest<> {};

INSTANTIATE_TEST_SUITE_P(Protocols, GzipCoding, both_protocols(), ParameterName());

TEST_P(GzipCoding, MalformedGzipIsAnError) {
  // A sound stream but for the flags of its header (RFC 1952 §2.3.1) and what they announce.
  const std::string whole = gzipped("text");
  const auto flagged = [&](char flags, std::string_view announced) {
    std::string bytes = whole;
    bytes[3] = flags;
    return bytes.insert(10, announced);
  };
  std::string unknown_method = whole;
  unknown_method[2] = '\x07';
  const std::vector<std::string> malformed = {
      flagged('\x04', "\xff\xff"),                                 // the extra field ends before its length
      flagged('\x08', std::string(300, 'n')).substr(0, 10 + 300),  // the name does not end
      flagged('\x02', "\x12\x34"),                                 // the header's own checksum is wrong
      flagged('\xe0', ""),                                         // reserved flags
      unknown_method,
      "<html>not gzip</html>",
      whole.substr(0, 12),
      whole + "garbage",
  };
  for (const std::string& bytes : malformed) {
    server_.enqueue(MockResponse::Builder().body(bytes).set_header("Content-Encoding", "gzip").build());
    try {
      (void)client_.execute(Request::get(server_.url("/"))).body().string();
      ADD_FAILURE() << "no error: " << ::testing::PrintToString(bytes);
    } catch (const Error& error) {
      EXPECT_EQ(error.errc(), Errc::decode_failed) << ::testing::PrintToString(bytes);
    }
  }
}

}  // namespace
}  // namespace okhttp
