#include "okcurl/terminal.hpp"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

#include <unistd.h>

namespace okcurl {
namespace {

/// Who writes to standard error, and whether a status line stands there.
struct StandardError {
  std::mutex mutex;
  bool has_status = false;
};

StandardError& standard_error() {
  static StandardError error;
  return error;
}

/// With the mutex held.
void put(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

constexpr std::string_view kWipeLine = "\r\x1b[K";

}  // namespace

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }
bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

bool stderr_has_colours() {
  const char* const refused = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): nothing sets it
  return stderr_is_terminal() && (refused == nullptr || *refused == '\0');
}

void write_to_stderr(std::string_view text) {
  StandardError& error = standard_error();
  const std::lock_guard lock(error.mutex);
  if (std::exchange(error.has_status, false)) put(kWipeLine);
  put(text);
}

void show_status(std::string_view line) {
  StandardError& error = standard_error();
  const std::lock_guard lock(error.mutex);
  if (!error.has_status && line.empty()) return;
  put(std::string(kWipeLine) + std::string(line));
  error.has_status = !line.empty();
}

std::string printable(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) c = '?';
  }
  return clean;
}

}  // namespace okcurl
