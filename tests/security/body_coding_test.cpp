#include <okhttp/client.hpp>
#include <okhttp/error.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

class BodyCoding : public ProtocolTest<> {
 protected:
  static MockResponse coded(const std::string& bytes, std::string_view codings = "gzip") {
    return MockResponse::Builder().body(bytes).set_header("Content-Encoding", codings).build();
  }
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

INSTANTIATE_TEST_SUITE_P(Protocols, BodyCoding, both_protocols(), ParameterName());

// CVE-2022-32206
TEST_P(BodyCoding, ABombIsRefusedLongBeforeItIsUnpacked) {
  server_.enqueue(coded(gzipped(std::string(64 * kMiB, '\0'))));
  const Outcome outcome = read_answer();
  EXPECT_EQ(outcome.failure, Errc::limit_exceeded);
  EXPECT_LT(outcome.bytes, 32 * kMiB);
  expect_next_call_to_work();
}

// CVE-2023-23916: the count of codings was kept for each header line, and began anew with the next.
TEST_P(BodyCoding, CodingsAreCountedOverAllHeaderLines) {
  std::string bytes = "text";
  MockResponse::Builder answer;
  for (int layer = 0; layer < 6; ++layer) {
    bytes = gzipped(bytes);
    answer.add_header("Content-Encoding", "gzip");
  }
  server_.enqueue(answer.body(bytes).build());
  EXPECT_EQ(read_answer().failure, Errc::limit_exceeded);
  expect_next_call_to_work();
}

TEST_P(BodyCoding, NestedBombsAreMeasuredByWhatCameOverTheWire) {
  server_.enqueue(coded(gzipped(gzipped(gzipped(std::string(64 * kMiB, 'a')))), "gzip, gzip, gzip"));
  EXPECT_EQ(read_answer().failure, Errc::limit_exceeded);
  expect_next_call_to_work();
}

// CVE-2026-22776
TEST_P(BodyCoding, ALimitOnABodyCountsDecodedBytes) {
  const std::string bytes = gzipped(std::string(2 * kMiB, 'a'));
  ASSERT_LT(bytes.size(), 64U << 10);
  server_.enqueue(coded(bytes));
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
                      .set_header("Content-Encoding", "gzip")
                      .set_header("Location", server_.url("/b").to_string())
                      .build());
  server_.enqueue(MockResponse("done"));
  EXPECT_EQ(client_.execute(Request::get(server_.url("/a"))).body().string(), "done");
}

// CVE-2023-3635, CVE-2025-0725: headers with an extra field or a name whose end never comes, or that claim too much.
TEST_P(BodyCoding, MalformedGzipIsAnError) {
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
    server_.enqueue(coded(bytes));
    EXPECT_EQ(read_answer().failure, Errc::decode_failed) << ::testing::PrintToString(bytes);
  }
  expect_next_call_to_work();
}

}  // namespace
}  // namespace okhttp
