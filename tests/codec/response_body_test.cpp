#include <okhttp/error.hpp>
#include <okhttp/response_body.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>

#include "codec/scripted_source.hpp"
#include "support/simulated_engine.hpp"
#include "support/temporary_folder.hpp"

namespace okhttp {
namespace {

using internal::ScriptedSource;
using internal::SimulatedEngine;
using internal::SourceLog;
using internal::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

std::unique_ptr<ScriptedSource> source_of(std::vector<std::string> pieces) {
  return std::make_unique<ScriptedSource>(std::move(pieces));
}

ResponseBody body_of(std::vector<std::string> pieces, std::optional<std::uint64_t> length = std::nullopt) {
  return ResponseBody::create(source_of(std::move(pieces)), std::nullopt, length);
}

ResponseBody broken_body(std::vector<std::string> pieces, std::optional<std::uint64_t> length = std::nullopt) {
  auto source = source_of(std::move(pieces));
  source->fail_at_end(Error(Errc::connection_closed, "broken off"));
  return ResponseBody::create(std::move(source), std::nullopt, length);
}

std::string text_of(std::span<const std::byte> bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::string read_some(const ResponseBody& body, std::size_t count) {
  std::vector<std::byte> into(count);
  return text_of(std::span(into).first(body.read_some(into)));
}

Errc failure_of(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.errc();
  }
  ADD_FAILURE() << "nothing was thrown";
  return Errc::io;
}

TEST(ResponseBodyTest, EmptyBodyIsAtItsEnd) {
  const ResponseBody body;
  EXPECT_EQ(body.content_length(), 0U);
  EXPECT_EQ(body.content_type(), std::nullopt);
  EXPECT_EQ(read_some(body, 10), "");
  EXPECT_EQ(body.string(), "");
  EXPECT_TRUE(body.bytes().empty());
  EXPECT_EQ(body.skip(5), 0U);
  EXPECT_TRUE(body.peek(5).empty());
  EXPECT_TRUE(body.trailers().empty());
  body.close();
}

TEST(ResponseBodyTest, TextInMemoryIsReadOnce) {
  const ResponseBody body = ResponseBody::create("some text", MediaType::parse("text/plain"));
  EXPECT_EQ(body.content_length(), 9U);
  EXPECT_EQ(body.content_type()->to_string(), "text/plain");
  EXPECT_EQ(read_some(body, 5), "some ");
  EXPECT_EQ(body.string(), "text");
  EXPECT_EQ(body.string(), "");
  EXPECT_EQ(body.content_length(), 9U);
}

TEST(ResponseBodyTest, BodyNeedsASource) {
  EXPECT_THROW((void)ResponseBody::create(nullptr, std::nullopt, std::nullopt), std::invalid_argument);
}

TEST(ResponseBodyTest, StringJoinsPiecesOfKnownAndUnknownLength) {
  EXPECT_EQ(body_of({"one", "two", "three"}).string(), "onetwothree");
  EXPECT_EQ(body_of({"one", "two", "three"}, 11).string(), "onetwothree");
  EXPECT_EQ(text_of(body_of({"one", "two"}).bytes()), "onetwo");
  EXPECT_EQ(text_of(body_of({"one", "two"}, 6).bytes()), "onetwo");
}

TEST(ResponseBodyTest, StringTakesWhatComesWhenTheLengthWasWrong) {
  EXPECT_EQ(body_of({"one", "two"}, 2).string(), "onetwo");
  EXPECT_EQ(body_of({"one"}, 200).string(), "one");
}

TEST(ResponseBodyTest, KnownLengthIsReadInOneGoAndOneMoreForTheEnd) {
  auto source = source_of({std::string(1000, 'x')});
  const auto log = source->log();
  EXPECT_EQ(ResponseBody::create(std::move(source), std::nullopt, 1000).string().size(), 1000U);
  EXPECT_THAT(log->asked, ElementsAre(1001, 1));
}

TEST(ResponseBodyTest, LargeBodiesAreReadInLargePieces) {
  const std::string content(3 << 20, 'x');
  auto source = source_of({content});
  const auto log = source->log();
  EXPECT_EQ(ResponseBody::create(std::move(source), std::nullopt, content.size()).string(), content);
  EXPECT_LE(log->asked.size(), 8U);
  source = source_of({content});
  const auto log_of_unknown = source->log();
  EXPECT_EQ(ResponseBody::create(std::move(source), std::nullopt, std::nullopt).string(), content);
  EXPECT_LE(log_of_unknown->asked.size(), 18U);
}

TEST(ResponseBodyTest, AnnouncedLengthAloneTakesNoMemory) {
  EXPECT_EQ(body_of({"short"}, kNoLimit / 2).string(kNoLimit), "short");
}

TEST(ResponseBodyTest, LimitIsTheLargestSizeThatIsTaken) {
  EXPECT_EQ(body_of({"12345"}).string(5), "12345");
  EXPECT_EQ(body_of({"12345"}, 5).string(5), "12345");
  EXPECT_EQ(ResponseBody::create("12345").bytes(5).size(), 5U);
  EXPECT_EQ(failure_of([] { (void)body_of({"12", "3456"}).string(5); }), Errc::limit_exceeded);
  EXPECT_EQ(failure_of([] { (void)body_of({"123456"}, 6).bytes(5); }), Errc::limit_exceeded);
  EXPECT_EQ(failure_of([] { (void)ResponseBody::create("123456").string(5); }), Errc::limit_exceeded);
  EXPECT_EQ(body_of({"12345"}).string(kNoLimit), "12345");
  EXPECT_EQ(body_of({}).string(0), "");
  EXPECT_EQ(failure_of([] { (void)body_of({"1"}).string(0); }), Errc::limit_exceeded);
}

TEST(ResponseBodyTest, LimitHoldsForABodyThatEndsOneByteBeyondIt) {
  const auto body = [](const std::string& text) {
    auto source = std::make_unique<ScriptedSource>(std::vector<std::string>{text});
    source->tell_end();
    return ResponseBody::create(std::move(source), std::nullopt, std::nullopt);
  };
  EXPECT_EQ(body("12345").string(5), "12345");
  EXPECT_EQ(failure_of([&] { (void)body("123456").string(5); }), Errc::limit_exceeded);
}

TEST(ResponseBodyTest, ExceededLimitNamesBothNumbers) {
  try {
    (void)body_of({"x"}, 2048).string(1024);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("2048"));
    EXPECT_THAT(error.what(), HasSubstr("1024"));
  }
}

TEST(ResponseBodyTest, BodyWhoseLengthExceedsTheLimitCanStillBeStreamed) {
  const ResponseBody body = body_of({"123456"}, 6);
  EXPECT_EQ(failure_of([&] { (void)body.string(5); }), Errc::limit_exceeded);
  EXPECT_EQ(read_some(body, 10), "123456");
}

TEST(ResponseBodyTest, NoMoreIsReadThanShowsThatTheLimitIsExceeded) {
  auto source = source_of({std::string(1 << 20, 'x')});
  const auto log = source->log();
  const ResponseBody body = ResponseBody::create(std::move(source), std::nullopt, std::nullopt);
  EXPECT_EQ(failure_of([&] { (void)body.string(10); }), Errc::limit_exceeded);
  EXPECT_THAT(log->asked, ElementsAre(11));
  EXPECT_TRUE(log->is_destroyed);
  EXPECT_EQ(failure_of([&] { (void)read_some(body, 1); }), Errc::limit_exceeded);
}

TEST(ResponseBodyTest, LimitCountsTheRestOnly) {
  const ResponseBody body = body_of({"123456"}, 6);
  EXPECT_EQ(read_some(body, 3), "123");
  EXPECT_EQ(body.string(3), "456");
}

TEST(ResponseBodyTest, StringObeysByteOrderMarkBeforeCharset) {
  const auto body = [](std::string text, std::string_view type) {
    return ResponseBody::create(std::move(text), MediaType::parse(type));
  };
  EXPECT_EQ(body("\xef\xbb\xbfhi", "text/plain").string(), "hi");
  EXPECT_EQ(body("\xe9", "text/plain; charset=ISO-8859-1").string(), "\xc3\xa9");
  EXPECT_EQ(body(std::string("\xff\xfeh\0", 4), "text/plain; charset=utf-8").string(), "h");
  EXPECT_EQ(body("\xe9", "text/plain; charset=koi8-r").string(), "\xe9");
  EXPECT_EQ(text_of(body("\xef\xbb\xbfhi", "text/plain").bytes()), "\xef\xbb\xbfhi");
}

TEST(ResponseBodyTest, ReadSomeGivesWhatIsThereAndNothingAtTheEnd) {
  const ResponseBody body = body_of({"abc", "def"});
  EXPECT_EQ(read_some(body, 2), "ab");
  EXPECT_EQ(read_some(body, 10), "c");
  EXPECT_EQ(read_some(body, 0), "");
  EXPECT_EQ(read_some(body, 10), "def");
  EXPECT_EQ(read_some(body, 10), "");
  EXPECT_EQ(read_some(body, 10), "");
}

TEST(ResponseBodyTest, SkipPassesOverBytes) {
  const ResponseBody body = body_of({std::string(100000, 'x'), "rest"});
  EXPECT_EQ(body.skip(0), 0U);
  EXPECT_EQ(body.skip(99999), 99999U);
  EXPECT_EQ(body.string(), "xrest");
  EXPECT_EQ(body_of({"abc"}).skip(kNoLimit), 3U);
}

TEST(ResponseBodyTest, PeekedBytesStayToBeRead) {
  const ResponseBody body = body_of({"ab", "cd", "ef"}, 6);
  EXPECT_EQ(text_of(body.peek(3)), "abc");
  EXPECT_EQ(text_of(body.peek(1)), "a");
  EXPECT_EQ(read_some(body, 1), "a");
  EXPECT_EQ(text_of(body.peek(4)), "bcde");
  EXPECT_EQ(body.skip(1), 1U);
  EXPECT_EQ(text_of(body.peek(100)), "cdef");
  EXPECT_EQ(body.string(), "cdef");
  EXPECT_TRUE(body.peek(1).empty());
}

TEST(ResponseBodyTest, PeekBeyondTheEndReadsNoMoreThanThereIs) {
  const ResponseBody body = body_of({"abc"}, 3);
  EXPECT_EQ(text_of(body.peek(std::numeric_limits<std::size_t>::max())), "abc");
  EXPECT_EQ(text_of(body.bytes()), "abc");
}

TEST(ResponseBodyTest, TrailersAreThereAfterTheEnd) {
  auto source = source_of({"abc"});
  source->trailers(Headers::of({{"Digest", "1"}}));
  const ResponseBody body = ResponseBody::create(std::move(source), std::nullopt, std::nullopt);
  EXPECT_TRUE(body.trailers().empty());
  EXPECT_EQ(body.string(), "abc");
  EXPECT_EQ(body.trailers().get("digest"), "1");
  body.close();
  EXPECT_EQ(body.trailers().get("digest"), "1");
}

TEST(ResponseBodyTest, SourceIsReleasedAtTheEnd) {
  auto source = source_of({"abc"});
  const auto log = source->log();
  const ResponseBody body = ResponseBody::create(std::move(source), std::nullopt, std::nullopt);
  EXPECT_EQ(read_some(body, 10), "abc");
  EXPECT_FALSE(log->is_destroyed);
  EXPECT_EQ(read_some(body, 10), "");
  EXPECT_TRUE(log->is_destroyed);
}

TEST(ResponseBodyTest, SourceIsReleasedWithTheLastHandle) {
  auto source = source_of({"abc"});
  const auto log = source->log();
  {
    const ResponseBody body = ResponseBody::create(std::move(source), std::nullopt, std::nullopt);
    { const ResponseBody copy = body; }
    EXPECT_FALSE(log->is_destroyed);
  }
  EXPECT_TRUE(log->is_destroyed);
}

TEST(ResponseBodyTest, CopiesShareTheStream) {
  const ResponseBody body = body_of({"abcdef"});
  const ResponseBody copy = body;
  EXPECT_EQ(read_some(body, 3), "abc");
  EXPECT_EQ(copy.string(), "def");
}

TEST(ResponseBodyTest, ReadingAfterCloseIsRefused) {
  auto source = source_of({"abc"});
  const auto log = source->log();
  const ResponseBody body = ResponseBody::create(std::move(source), std::nullopt, std::nullopt);
  body.close();
  body.close();
  EXPECT_TRUE(log->is_destroyed);
  EXPECT_THROW((void)read_some(body, 1), std::logic_error);
  EXPECT_THROW((void)body.string(), std::logic_error);
  EXPECT_THROW((void)body.bytes(), std::logic_error);
  EXPECT_THROW((void)body.peek(1), std::logic_error);
  EXPECT_THROW((void)body.skip(1), std::logic_error);
  const TemporaryFolder folder;
  EXPECT_THROW((void)body.save_to(folder.path() / "a"), std::logic_error);
  EXPECT_EQ(folder.count(), 0);
}

TEST(ResponseBodyTest, FailureIsThrownAgainByEveryFurtherRead) {
  auto source = source_of({"abc"});
  source->fail_at_end(Error(Errc::connection_closed, "broken off"));
  const auto log = source->log();
  const ResponseBody body = ResponseBody::create(std::move(source), std::nullopt, 10);
  EXPECT_EQ(read_some(body, 10), "abc");
  EXPECT_EQ(failure_of([&] { (void)read_some(body, 10); }), Errc::connection_closed);
  EXPECT_TRUE(log->is_destroyed);
  EXPECT_EQ(failure_of([&] { (void)read_some(body, 10); }), Errc::connection_closed);
  EXPECT_EQ(failure_of([&] { (void)body.string(); }), Errc::connection_closed);
  EXPECT_EQ(failure_of([&] { (void)body.peek(1); }), Errc::connection_closed);
  EXPECT_EQ(failure_of([&] { (void)body.skip(1); }), Errc::connection_closed);
  body.close();
  EXPECT_THROW((void)body.string(), std::logic_error);
}

TEST(ResponseBodyTest, BrokenBodyIsNeverTakenForAWholeOne) {
  EXPECT_EQ(failure_of([] { (void)broken_body({"abc"}).string(); }), Errc::connection_closed);
  EXPECT_EQ(failure_of([] { (void)broken_body({"abc"}, 10).bytes(); }), Errc::connection_closed);
  EXPECT_EQ(failure_of([] { (void)broken_body({"abc"}).peek(10); }), Errc::connection_closed);
  EXPECT_EQ(failure_of([] { (void)broken_body({"abc"}).skip(10); }), Errc::connection_closed);
}

TEST(ResponseBodyTest, SaveToWritesTheRestAndReturnsItsSize) {
  const TemporaryFolder folder;
  const std::string content(1 << 20, 'x');
  const ResponseBody body = body_of({"head", content});
  EXPECT_EQ(body.skip(2), 2U);
  EXPECT_EQ(text_of(body.peek(1)), "a");
  EXPECT_EQ(body.save_to(folder.path() / "file"), content.size() + 2);
  EXPECT_EQ(TemporaryFolder::read(folder.path() / "file"), "ad" + content);
  EXPECT_EQ(folder.count(), 1);
}

TEST(ResponseBodyTest, SaveToMakesAnEmptyFileOfAnEmptyBody) {
  const TemporaryFolder folder;
  EXPECT_EQ(ResponseBody().save_to(folder.path() / "file"), 0U);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "file"));
}

TEST(ResponseBodyTest, SaveToReplacesAFileAndKeepsItsPermissions) {
  const TemporaryFolder folder;
  const auto path = folder.file("file", "old and longer");
  ASSERT_EQ(::chmod(path.c_str(), 0604), 0);
  (void)body_of({"new"}).save_to(path);
  EXPECT_EQ(TemporaryFolder::read(path), "new");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0604U);
}

TEST(ResponseBodyTest, SaveToObeysTheUmask) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  (void)body_of({"new"}).save_to(folder.path() / "file");
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat((folder.path() / "file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
}

TEST(ResponseBodyTest, SaveToFollowsASymbolicLink) {
  const TemporaryFolder folder;
  const auto target = folder.file("target", "old");
  std::filesystem::create_symlink(target, folder.path() / "link");
  (void)body_of({"new"}).save_to(folder.path() / "link");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link"));
  EXPECT_EQ(TemporaryFolder::read(target), "new");
}

TEST(ResponseBodyTest, BrokenBodyLeavesTheFileAsItWas) {
  const TemporaryFolder folder;
  const auto path = folder.file("file", "old");
  EXPECT_EQ(failure_of([&] { (void)broken_body({"new"}).save_to(path); }), Errc::connection_closed);
  EXPECT_EQ(TemporaryFolder::read(path), "old");
  EXPECT_EQ(folder.count(), 1);
}

TEST(ResponseBodyTest, SaveToNamesThePathThatCannotBeWritten) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "absent" / "file";
  const ResponseBody body = body_of({"abc"});
  try {
    (void)body.save_to(path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::io);
    EXPECT_EQ(error.system_error(), std::errc::no_such_file_or_directory);
    EXPECT_THAT(error.what(), HasSubstr(path.string() + ": No such file"));
  }
  EXPECT_EQ(body.string(), "abc") << "nothing was read yet";
}

TEST(ResponseBodyTest, SaveToReplacesNoDeviceAndNoFolder) {
  const TemporaryFolder folder;
  EXPECT_EQ(failure_of([&] { (void)body_of({"abc"}).save_to(folder.path()); }), Errc::io);
  const auto fifo = folder.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(failure_of([&] { (void)body_of({"abc"}).save_to(fifo); }), Errc::io);
  EXPECT_TRUE(std::filesystem::is_fifo(fifo));
}

TEST(ResponseBodyTest, SourcesThatSuspendWorkTheSameWay) {
  auto source = source_of({"one", "two", "three"});
  source->suspend();
  const ResponseBody body = ResponseBody::create(std::move(source), std::nullopt, 11);
  EXPECT_EQ(text_of(body.peek(4)), "onet");
  EXPECT_EQ(read_some(body, 3), "one");
  EXPECT_EQ(body.skip(1), 1U);
  EXPECT_EQ(body.string(), "wothree");
}

Task<std::string> read_all(ResponseBody body) {
  std::string text;
  std::vector<std::byte> into(4);
  for (;;) {
    const std::size_t count = co_await body.async().read_some(into);
    if (count == 0) break;
    text += text_of(std::span(into).first(count));
  }
  co_return text;
}

TEST(ResponseBodyAsyncTest, TasksOutliveTheHandleThatMadeThem) {
  SimulatedEngine loop;
  auto source = source_of({"one", "two"});
  source->suspend();
  Task<std::string> task = ResponseBody::create(std::move(source), std::nullopt, std::nullopt).async().string();
  EXPECT_EQ(loop.run(std::move(task)), "onetwo");
}

TEST(ResponseBodyAsyncTest, ReadsInPieces) {
  SimulatedEngine loop;
  auto source = source_of({"one", "twothree"});
  source->suspend();
  EXPECT_EQ(loop.run(read_all(ResponseBody::create(std::move(source), std::nullopt, std::nullopt))), "onetwothree");
}

TEST(ResponseBodyAsyncTest, OffersWhatThePlainFormsOffer) {
  SimulatedEngine loop;
  const TemporaryFolder folder;
  const ResponseBody body = body_of({"abcdef"});
  EXPECT_EQ(text_of(loop.run(body.async().peek(2))), "ab");
  EXPECT_EQ(loop.run(body.async().skip(1)), 1U);
  EXPECT_EQ(loop.run(body.async().save_to(folder.path() / "file")), 5U);
  EXPECT_EQ(text_of(loop.run(body_of({"xyz"}).async().bytes())), "xyz");
}

Task<void> read_twice(ResponseBody body) {
  std::string first = co_await body.async().string();
  EXPECT_EQ(first, "abc");
  std::string second = co_await body.async().string();
  EXPECT_EQ(second, "");
}

TEST(ResponseBodyAsyncTest, FurtherReadsFindTheEnd) {
  SimulatedEngine loop;
  loop.run(read_twice(body_of({"abc"})));
}

TEST(ResponseBodyAsyncTest, SecondReaderIsRefusedAndTheFirstGoesOn) {
  SimulatedEngine loop;
  auto source = source_of({"one"});
  source->suspend();
  const ResponseBody body = ResponseBody::create(std::move(source), std::nullopt, std::nullopt);
  const auto first = loop.start(body.async().string());
  EXPECT_THROW((void)loop.run(body.async().skip(1)), std::logic_error);
  loop.run_until_idle();
  EXPECT_EQ(first->take(), "one");
}

TEST(ResponseBodyAsyncTest, CloseDuringAReadTakesEffectWhenItEnds) {
  SimulatedEngine loop;
  auto source = source_of({"one", "two"});
  source->suspend();
  const auto log = source->log();
  const ResponseBody body = ResponseBody::create(std::move(source), std::nullopt, std::nullopt);
  const auto outcome = loop.start(body.async().string());
  body.close();
  EXPECT_FALSE(log->is_destroyed);
  loop.run_until_idle();
  EXPECT_TRUE(log->is_destroyed);
  EXPECT_THROW((void)outcome->take(), std::logic_error);
}

Task<void> block_on_the_loop(ResponseBody body, std::vector<std::string>& messages) {
  const auto note = [&messages](const auto& action) {
    try {
      action();
      messages.emplace_back("did not throw");
    } catch (const std::logic_error& error) {
      messages.emplace_back(error.what());
    }
  };
  note([&body] { (void)body.string(); });
  note([&body] { (void)read_some(body, 1); });
  note([&body] { (void)body.bytes(); });
  note([&body] { (void)body.skip(1); });
  note([&body] { (void)body.peek(1); });
  note([&body] { (void)body.save_to("/nonexistent"); });
  co_return;
}

TEST(ResponseBodyAsyncTest, BlockingOnALoopIsRefusedAndNamesTheAwaitableForm) {
  SimulatedEngine loop;
  std::vector<std::string> messages;
  loop.run(block_on_the_loop(ResponseBody::create("abc"), messages));
  EXPECT_THAT(messages,
              ElementsAre(HasSubstr("ResponseBody::string() would block"), HasSubstr("body.async().read_some("),
                          HasSubstr("co_await body.async().bytes()"), HasSubstr("body.async().skip("),
                          HasSubstr("body.async().peek("), HasSubstr("body.async().save_to(")));
  EXPECT_THAT(messages[0], HasSubstr("co_await body.async().string()"));
}

TEST(ResponseBodyAsyncTest, BlockingOnAnEngineOfOneCallIsAllowed) {
  SimulatedEngine engine;
  engine.set_shared(false);
  std::vector<std::string> messages;
  engine.run(block_on_the_loop(body_of({"abc"}), messages));
  EXPECT_EQ(messages[0], "did not throw");
}

}  // namespace
}  // namespace okhttp
