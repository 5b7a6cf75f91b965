#include "okcurl/progress.hpp"

#include <cstdio>

#include "okcurl/terminal.hpp"

namespace okcurl {
namespace {

std::string size_text(double bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
  return text;
}

}  // namespace

Progress::~Progress() {
  if (is_drawn_) show_status({});
}

void Progress::advance(std::uint64_t bytes) {
  done_ += bytes;
  if (!is_shown_) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + kBetweenLines;
  is_drawn_ = true;
  show_status(line(done_, total_, now - start_));
}

std::string Progress::line(std::uint64_t done, std::optional<std::uint64_t> total, Clock::duration time) {
  const double seconds = std::chrono::duration<double>(time).count();
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string text = size_text(static_cast<double>(done));
  const bool is_total_known = total.has_value() && *total >= done && *total > 0;
  if (is_total_known) {
    text += " of " + size_text(static_cast<double>(*total));
    text += " (" + std::to_string(100.0 * static_cast<double>(done) / static_cast<double>(*total));
    text.resize(text.find('.', text.rfind('(')));
    text += " %)";
  }
  text += ", " + size_text(rate) + "/s";
  if (is_total_known && rate > 0) {
    const auto left = static_cast<std::uint64_t>(static_cast<double>(*total - done) / rate);
    text += ", " + std::to_string(left) + " s left";
  }
  return text;
}

}  // namespace okcurl
