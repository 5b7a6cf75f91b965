#include "http/punycode.hpp"

#include <algorithm>
#include <cstdint>

namespace okhttp::internal {

namespace {

// RFC 3492 §5: the parameters of Bootstring that make Punycode.
constexpr std::uint32_t kBase = 36;
constexpr std::uint32_t kTMin = 1;
constexpr std::uint32_t kTMax = 26;
constexpr std::uint32_t kSkew = 38;
constexpr std::uint32_t kDamp = 700;
constexpr std::uint32_t kInitialBias = 72;
constexpr std::uint32_t kInitialN = 0x80;

char to_digit(std::uint32_t value) { return "abcdefghijklmnopqrstuvwxyz0123456789"[value]; }

// RFC 3492 §6.1
std::uint32_t adapt(std::uint32_t delta, std::uint32_t points, bool first) {
  delta /= first ? kDamp : 2;
  delta += delta / points;
  std::uint32_t k = 0;
  for (; delta > (kBase - kTMin) * kTMax / 2; k += kBase) delta /= kBase - kTMin;
  return k + (kBase - kTMin + 1) * delta / (delta + kSkew);
}

void append_variable_length(std::string& out, std::uint32_t value, std::uint32_t bias) {
  for (std::uint32_t k = kBase;; k += kBase) {
    const std::uint32_t threshold = k <= bias ? kTMin : std::min(k - bias, kTMax);
    if (value < threshold) break;
    out += to_digit(threshold + (value - threshold) % (kBase - threshold));
    value = (value - threshold) / (kBase - threshold);
  }
  out += to_digit(value);
}

}  // namespace

bool append_punycode(std::string& out, std::u32string_view label) {
  // With at most 63 code points delta stays below 64 * 0x110000, so RFC 3492's overflow checks have nothing to find.
  if (label.size() > kMaxLabelSize) return false;
  std::uint32_t handled = 0;
  for (const char32_t c : label) {
    if (c >= kInitialN) continue;
    out += static_cast<char>(c);
    ++handled;
  }
  const std::uint32_t basic = handled;
  if (basic > 0) out += '-';

  std::uint32_t delta = 0;
  std::uint32_t bias = kInitialBias;
  for (std::uint32_t n = kInitialN; handled < label.size(); ++n, ++delta) {
    std::uint32_t next = 0x10ffff;
    for (const char32_t c : label) {
      if (c >= n) next = std::min(next, static_cast<std::uint32_t>(c));
    }
    delta += (next - n) * (handled + 1);
    n = next;
    for (const char32_t c : label) {
      if (c < n) ++delta;
      if (c != n) continue;
      append_variable_length(out, delta, bias);
      bias = adapt(delta, handled + 1, handled == basic);
      delta = 0;
      ++handled;
    }
  }
  return true;
}

}  // namespace okhttp::internal
