#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/ascii.hpp"

namespace okhttp::internal {

/// Reads a structured field value from left to right (the grammar pieces of RFC 9110 §5.6).
class FieldScanner {
 public:
  explicit constexpr FieldScanner(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] constexpr bool at_end() const noexcept { return rest_.empty(); }
  [[nodiscard]] constexpr std::string_view rest() const noexcept { return rest_; }
  [[nodiscard]] constexpr bool next_is(char c) const noexcept { return !rest_.empty() && rest_.front() == c; }

  constexpr bool take(char c) noexcept {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Skips optional white space and tells whether there was any.
  constexpr bool skip_ows() noexcept {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && is_ows(rest_.front())) rest_.remove_prefix(1);
    return rest_.size() != before;
  }

  /// The token that begins here, or an empty view.
  constexpr std::string_view token() noexcept { return take_while(is_token_char); }

  template <typename Predicate>
  constexpr std::string_view take_while(Predicate&& belongs) noexcept {
    std::size_t length = 0;
    while (length < rest_.size() && belongs(rest_[length])) ++length;
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  /// The content of the quoted string that begins here, escapes resolved; nothing if there is none or it is not closed.
  std::optional<std::string> quoted_string() {
    if (!next_is('"')) return std::nullopt;
    std::string content;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      char c = rest_[i];
      if (c == '"') {
        rest_.remove_prefix(i + 1);
        return content;
      }
      if (c == '\\') {
        if (++i == rest_.size()) break;
        c = rest_[i];
      }
      if (!is_field_value_char(c)) break;
      content += c;
    }
    return std::nullopt;
  }

  /// A token or a quoted string; nothing if neither is here.
  std::optional<std::string> token_or_quoted_string() {
    if (next_is('"')) return quoted_string();
    const std::string_view plain = token();
    if (plain.empty()) return std::nullopt;
    return std::string(plain);
  }

 private:
  std::string_view rest_;
};

}  // namespace okhttp::internal
