#pragma once

#include <string>
#include <string_view>

namespace demo {

/// Standard output, with colours on a terminal only (and not when NO_COLOR is set).
class Screen {
 public:
  Screen();

  [[nodiscard]] std::string bold(std::string_view text) const { return painted("1", text); }
  [[nodiscard]] std::string dim(std::string_view text) const { return painted("2", text); }
  [[nodiscard]] std::string good(std::string_view text) const { return painted("32", text); }
  [[nodiscard]] std::string bad(std::string_view text) const { return painted("31", text); }

 private:
  [[nodiscard]] std::string painted(std::string_view code, std::string_view text) const;
  bool has_colours_;
};

/// `text` filled with spaces up to `width`.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);
/// "4.2 ms", filled with spaces on the left.
[[nodiscard]] std::string milliseconds(double value);
/// "13 bytes", "1.8 KiB".
[[nodiscard]] std::string size_text(std::size_t bytes);

}  // namespace demo
