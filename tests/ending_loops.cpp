// A loop's thread ends by itself, soon after its last holder has gone. OpenSSL frees what it keeps for a thread when
// that thread ends, but no more once the process is ending: LeakSanitizer would report that. So a test program waits
// for them.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

namespace {

bool is_loop(const std::filesystem::path& task) {
  std::string name;
  std::getline(std::ifstream(task / "comm"), name);
  return name == "mockwebserver" || name == "okhttp loop";
}

bool has_loops() {
  std::error_code ended;  // threads come and go meanwhile
  for (std::filesystem::directory_iterator task("/proc/self/task", ended), end; !ended && task != end;
       task.increment(ended)) {
    if (is_loop(task->path())) return true;
  }
  return false;
}

class EndingLoops final : public ::testing::Environment {
 public:
  void TearDown() override {
    // Those of clients that live as long as the program stay.
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (has_loops() && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  }
};

[[maybe_unused]] ::testing::Environment* const kEndingLoops = ::testing::AddGlobalTestEnvironment(new EndingLoops);

}  // namespace
