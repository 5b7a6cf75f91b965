#include "okcurl/request_data.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "okcurl/exit_code.hpp"
#include "okcurl/scratch_folder.hpp"

namespace okcurl {
namespace {

using Kind = DataPart::Kind;

TEST(RequestDataTest, PartsAreJoinedByAmpersands) {
  EXPECT_EQ(join_data({{Kind::text, "a=1"}, {Kind::raw, "@b"}, {Kind::binary, "c"}}), "a=1&@b&c");
}

TEST(RequestDataTest, AFileLosesItsLineEndsUnlessItIsBinary) {
  const ScratchFolder folder;
  const std::string path = folder.write("data", std::string("one\r\ntwo\n\0end", 13));
  EXPECT_EQ(join_data({{Kind::text, "@" + path}}), "onetwoend");
  EXPECT_EQ(join_data({{Kind::binary, "@" + path}}), std::string("one\r\ntwo\n\0end", 13));
}

TEST(RequestDataTest, UrlEncodingLeavesTheNameAsItIs) {
  const ScratchFolder folder;
  const std::string path = folder.write("data", "a&b\n");
  EXPECT_EQ(join_data({{Kind::url_encode, "a b&c"}}), "a%20b%26c");
  EXPECT_EQ(join_data({{Kind::url_encode, "=a=b"}}), "a%3Db");
  EXPECT_EQ(join_data({{Kind::url_encode, "n=a b"}}), "n=a%20b");
  EXPECT_EQ(join_data({{Kind::url_encode, "@" + path}}), "a%26b%0A");
  EXPECT_EQ(join_data({{Kind::url_encode, "n@" + path}}), "n=a%26b%0A");
}

TEST(RequestDataTest, AFileThatCannotBeReadFails) {
  for (const char* path : {"/nonexistent/file", "/"}) {
    try {
      (void)read_whole_file(path);
      ADD_FAILURE() << path;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::read_error);
    }
  }
}

}  // namespace
}  // namespace okcurl
