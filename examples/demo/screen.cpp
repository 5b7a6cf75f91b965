#include "screen.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

namespace demo {

Screen::Screen() {
  const char* const refused = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): nothing sets it
  has_colours_ = ::isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

std::string Screen::painted(std::string_view code, std::string_view text) const {
  if (!has_colours_) return std::string(text);
  return "\x1b[" + std::string(code) + 'm' + std::string(text) + "\x1b[0m";
}

std::string padded(std::string_view text, std::size_t width) {
  std::string whole(text);
  if (whole.size() < width) whole.append(width - whole.size(), ' ');
  return whole;
}

std::string milliseconds(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%8.2f ms", value);
  return text;
}

std::string size_text(std::size_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f KiB", static_cast<double>(bytes) / 1024);
  return text;
}

}  // namespace demo
