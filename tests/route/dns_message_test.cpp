#include "route/dns_message.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/dns_messages.hpp"

namespace okhttp::internal {
namespace {

using namespace std::string_literals;

const IpAddress kFirst = IpAddress::v4({192, 0, 2, 1});
const IpAddress kSecond = IpAddress::v4({192, 0, 2, 2});
const IpAddress kSixth = IpAddress::parse("2001:db8::6").value();

DnsReply read(const std::string& message, std::string_view host = "a.test", DnsType type = DnsType::a) {
  return read_dns_reply(std::as_bytes(std::span(message)), host, type);
}
DnsStatus status_of(const std::string& message) { return read(message).status; }
DnsMessageWriter answer_about(std::string_view host, DnsType type = DnsType::a) {
  return DnsMessageWriter(host, static_cast<std::uint16_t>(type));
}

TEST(DnsQueryTest, AsksOneQuestion) {
  EXPECT_EQ(write_dns_query("www.Example.com", DnsType::a),
            "\0\0\x01\0\0\x01\0\0\0\0\0\0\3www\7example\3com\0\0\x01\0\x01"s);
  EXPECT_EQ(write_dns_query("a.test.", DnsType::aaaa), "\0\0\x01\0\0\x01\0\0\0\0\0\0\1a\4test\0\0\x1c\0\x01"s);
}

TEST(DnsQueryTest, RefusesNamesThatDnsCannotCarry) {
  const std::string label(63, 'l');
  EXPECT_TRUE(write_dns_query(label + ".test", DnsType::a).has_value());
  EXPECT_TRUE(write_dns_query(label + '.' + label + '.' + label + '.' + label.substr(2), DnsType::a).has_value());
  EXPECT_FALSE(write_dns_query(label + '.' + label + '.' + label + '.' + label.substr(1), DnsType::a).has_value());
  for (const std::string& name : {""s, "."s, "a..test"s, ".test"s, "a.."s, label + "l.test"}) {
    EXPECT_FALSE(write_dns_query(name, DnsType::a).has_value()) << name;
  }
}

TEST(DnsReplyTest, GivesAddressesInTheirOrderAndTheShortestTime) {
  const std::string message =
      answer_about("a.test").address("a.test", 300, kSecond).address("A.TEST", 60, kFirst).message();
  const DnsReply reply = read(message);
  EXPECT_EQ(reply.status, DnsStatus::found);
  EXPECT_EQ(reply.addresses, (std::vector<IpAddress>{kSecond, kFirst}));
  EXPECT_EQ(reply.time_to_live, 60U);
}

TEST(DnsReplyTest, GivesAddressesOfIpv6) {
  const std::string message = answer_about("a.test", DnsType::aaaa).address("a.test", 60, kSixth).message();
  EXPECT_EQ(read(message, "a.test", DnsType::aaaa).addresses, std::vector<IpAddress>{kSixth});
  EXPECT_EQ(status_of(message), DnsStatus::malformed);  // to the other question
}

TEST(DnsReplyTest, FollowsAliasesInWhateverOrderTheyStand) {
  const std::string message = answer_about("a.test")
                                  .address("c.test", 300, kFirst)
                                  .alias("b.test", 20, "c.test")
                                  .alias("a.test", 100, "b.test")
                                  .message();
  const DnsReply reply = read(message);
  EXPECT_EQ(reply.addresses, std::vector<IpAddress>{kFirst});
  EXPECT_EQ(reply.time_to_live, 20U);
}

TEST(DnsReplyTest, UnderstandsCompressedNames) {
  DnsMessageWriter writer = answer_about("a.test");
  // "b" and then the "test" of the question, at 12 + 2; the owner is the question's name.
  writer.record("\xc0\x0c"s, 5, 60, "\1b\xc0\x0e"s);
  writer.record("\1b\xc0\x0e"s, 1, 60, "\xc0\0\2\1"s);
  const DnsReply reply = read(writer.message());
  EXPECT_EQ(reply.addresses, std::vector<IpAddress>{kFirst});
}

TEST(DnsReplyTest, AddressesOfOtherNamesDoNotCount) {
  const std::string message = answer_about("a.test").address("evil.test", 60, kSecond).message();
  EXPECT_EQ(status_of(message), DnsStatus::no_address);
  const std::string both =
      answer_about("a.test").address("evil.test", 60, kSecond).address("a.test", 60, kFirst).message();
  EXPECT_EQ(read(both).addresses, std::vector<IpAddress>{kFirst});
}

TEST(DnsReplyTest, RecordsOfOtherTypesAndClassesDoNotCount) {
  DnsMessageWriter writer = answer_about("a.test");
  writer.record("\xc0\x0c"s, 16, 60, "\4text"s);
  writer.record("\xc0\x0c"s, 1, 60, "\xc0\0\2\2"s, 3);
  writer.record("\xc0\x0c"s, 28, 60, std::string(16, '\1'));
  EXPECT_EQ(status_of(writer.message()), DnsStatus::no_address);
  writer.address("a.test", 60, kFirst);
  EXPECT_EQ(read(writer.message()).addresses, std::vector<IpAddress>{kFirst});
}

TEST(DnsReplyTest, AnAddressIsGivenOnce) {
  const std::string message =
      answer_about("a.test").address("a.test", 60, kFirst).address("a.test", 60, kFirst).message();
  EXPECT_EQ(read(message).addresses.size(), 1U);
}

TEST(DnsReplyTest, ATimeOfMoreThan31BitsCountsAsNone) {
  EXPECT_EQ(read(answer_about("a.test").address("a.test", 0x80000000, kFirst).message()).time_to_live, 0U);
  EXPECT_EQ(read(answer_about("a.test").address("a.test", 0x7fffffff, kFirst).message()).time_to_live, 0x7fffffffU);
}

TEST(DnsReplyTest, TellsANameThatDoesNotExistFromAServerThatFails) {
  const auto with_code = [](std::uint16_t code) { return status_of(answer_about("a.test").code(code).message()); };
  EXPECT_EQ(with_code(0), DnsStatus::no_address);
  EXPECT_EQ(with_code(3), DnsStatus::no_such_name);
  for (const std::uint16_t code : std::vector<std::uint16_t>{1, 2, 4, 5, 9, 15})
    EXPECT_EQ(with_code(code), DnsStatus::failed) << code;
}

TEST(DnsReplyTest, AnAnswerThatWasCutOffSaysNothingAboutWhatIsNotThere) {
  constexpr std::uint16_t kCutOff = 0x0200;
  EXPECT_EQ(status_of(answer_about("a.test").code(kCutOff).message()), DnsStatus::failed);
  EXPECT_EQ(status_of(answer_about("a.test").code(kCutOff).address("a.test", 60, kFirst).message()), DnsStatus::found);
}

TEST(DnsReplyTest, EveryTruncationIsMalformed) {
  const std::string message =
      answer_about("a.test").alias("a.test", 100, "b.test").address("b.test", 60, kFirst).message();
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_EQ(status_of(message.substr(0, size)), DnsStatus::malformed) << size;
  }
  EXPECT_EQ(status_of(message + "more"), DnsStatus::found);  // other sections
}

TEST(DnsReplyTest, OnlyAResponseToTheQuestionCounts) {
  const std::string message = answer_about("a.test").address("a.test", 60, kFirst).message();
  EXPECT_EQ(read(message, "b.test").status, DnsStatus::malformed);
  const auto changed = [&](std::size_t at, char to) {
    std::string other = message;
    other[at] = to;
    return status_of(other);
  };
  EXPECT_EQ(changed(1, '\1'), DnsStatus::malformed) << "the id";
  EXPECT_EQ(changed(2, '\1'), DnsStatus::malformed) << "a query";
  EXPECT_EQ(changed(2, '\x89'), DnsStatus::malformed) << "an operation";
  EXPECT_EQ(changed(5, '\0'), DnsStatus::malformed) << "no question";
  EXPECT_EQ(changed(5, '\2'), DnsStatus::malformed) << "two questions";
  EXPECT_EQ(changed(12 + 7 + 4, '\3'), DnsStatus::malformed) << "a class";
}

// https://github.com/square/okhttp/issues/9562
TEST(DnsReplyTest, PointersThatLeadInACircleAreRefused) {
  const auto with_owner = [](const std::string& owner) {
    DnsMessageWriter writer = answer_about("a.test");
    writer.record(owner, 1, 60, "\xc0\0\2\1"s);
    return status_of(writer.message());
  };
  const std::size_t here = answer_about("a.test").message().size();
  const auto pointer_to = [](std::size_t target) {
    return std::string{static_cast<char>(0xc0 | target >> 8), static_cast<char>(target & 0xff)};
  };
  EXPECT_EQ(with_owner(pointer_to(12)), DnsStatus::found);
  EXPECT_EQ(with_owner(pointer_to(here)), DnsStatus::malformed) << "to itself";
  EXPECT_EQ(with_owner("\1b" + pointer_to(here)), DnsStatus::malformed) << "to its own front";
  EXPECT_EQ(with_owner(pointer_to(here + 2)), DnsStatus::malformed) << "forward";
  EXPECT_EQ(with_owner(pointer_to(0x3fff)), DnsStatus::malformed) << "behind the end";
  EXPECT_EQ(with_owner("\xc0"), DnsStatus::malformed) << "half a pointer";
}

TEST(DnsReplyTest, ANameIsBoundedHoweverManyPointersMakeIt) {
  DnsMessageWriter writer = answer_about("a.test");
  // Text that holds 300 pointers, each to the one before; then a record whose owner is the last of them.
  const std::size_t begin = writer.message().size() + 2 + 10;
  std::string chain;
  for (std::size_t i = 0; i < 300; ++i) {
    const std::size_t target = i == 0 ? 12 : begin + 2 * (i - 1);
    chain += static_cast<char>(0xc0 | target >> 8);
    chain += static_cast<char>(target & 0xff);
  }
  writer.record("\xc0\x0c"s, 16, 60, chain);
  EXPECT_EQ(status_of(writer.message()), DnsStatus::no_address);
  DnsMessageWriter short_chain = writer;
  short_chain.record(chain.substr(2 * 100, 2), 1, 60, "\xc0\0\2\1"s);
  EXPECT_EQ(status_of(short_chain.message()), DnsStatus::found);
  writer.record(chain.substr(2 * 299, 2), 1, 60, "\xc0\0\2\1"s);
  EXPECT_EQ(status_of(writer.message()), DnsStatus::malformed);
}

TEST(DnsReplyTest, ANameLongerThanDnsAllowsIsRefused) {
  DnsMessageWriter writer = answer_about("a.test");
  std::string owner;
  for (int i = 0; i < 5; ++i) owner += '\x3f' + std::string(63, 'l');
  writer.record(owner + '\0', 1, 60, "\xc0\0\2\1"s);
  EXPECT_EQ(status_of(writer.message()), DnsStatus::malformed);
}

TEST(DnsReplyTest, OtherTypesOfLabelsAreRefused) {
  for (const char* const owner : {"\x40", "\x80"}) {
    DnsMessageWriter writer = answer_about("a.test");
    writer.record(owner, 1, 60, "\xc0\0\2\1"s);
    EXPECT_EQ(status_of(writer.message()), DnsStatus::malformed);
  }
}

TEST(DnsReplyTest, AliasesInACircleAreRefused) {
  const std::string message =
      answer_about("a.test").alias("a.test", 60, "b.test").alias("b.test", 60, "a.test").message();
  EXPECT_EQ(status_of(message), DnsStatus::malformed);
}

TEST(DnsReplyTest, RecordDataOfTheWrongSizeIsMalformed) {
  for (const std::string& data : {""s, "\1\2\3"s, "\1\2\3\4\5"s}) {
    DnsMessageWriter writer = answer_about("a.test");
    writer.record("\xc0\x0c"s, 1, 60, data);
    EXPECT_EQ(status_of(writer.message()), DnsStatus::malformed) << data.size();
  }
  for (const std::string& data : {""s, "\1b\0x"s, "\1b"s}) {
    DnsMessageWriter writer = answer_about("a.test");
    writer.record("\xc0\x0c"s, 5, 60, data);
    writer.address("a.test", 60, kFirst);
    EXPECT_EQ(status_of(writer.message()), DnsStatus::malformed) << data.size();
  }
}

}  // namespace
}  // namespace okhttp::internal
