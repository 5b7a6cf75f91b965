#pragma once

#include <algorithm>
#include <string_view>

#include "http/ascii.hpp"

namespace okhttp::internal {

/// RFC 2046 §5.1.1: bchars. A space may stand anywhere but at the end.
constexpr bool is_boundary_char(char c) noexcept {
  return is_alpha(c) || is_digit(c) || std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
}

/// True for what may part the parts of a multipart body: 1 to 70 of these characters.
constexpr bool is_boundary(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 70 && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), is_boundary_char);
}

}  // namespace okhttp::internal
