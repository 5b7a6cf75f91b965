#include <okhttp/media_type.hpp>

#include <algorithm>
#include <stdexcept>

#include "http/ascii.hpp"
#include "http/field_scanner.hpp"

namespace okhttp {
namespace {

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), internal::to_lower);
  return lowered;
}

}  // namespace

std::optional<MediaType> MediaType::try_parse(std::string_view text) {
  internal::FieldScanner scanner(text);
  MediaType result;
  result.type_ = lower(scanner.token());
  if (result.type_.empty() || !scanner.take('/')) return std::nullopt;
  result.subtype_ = lower(scanner.token());
  if (result.subtype_.empty()) return std::nullopt;
  while (true) {
    scanner.skip_ows();
    if (scanner.at_end()) break;
    if (!scanner.take(';')) return std::nullopt;
    scanner.skip_ows();
    const std::string_view name = scanner.token();
    // RFC 9110 §5.6.6: a parameter may be missing between two semicolons.
    if (name.empty() && (scanner.at_end() || scanner.next_is(';'))) continue;
    if (name.empty() || !scanner.take('=')) return std::nullopt;
    auto value = scanner.token_or_quoted_string();
    if (!value) return std::nullopt;
    result.parameters_.emplace_back(std::string(name), std::move(*value));
  }
  result.text_ = text;
  return result;
}

MediaType MediaType::parse(std::string_view text) {
  auto result = try_parse(text);
  if (result) return std::move(*result);
  std::string shown;
  for (const char c : text.substr(0, 128)) shown += internal::is_field_value_char(c) ? c : '?';
  throw std::invalid_argument("not a media type: \"" + shown + '"');
}

std::optional<std::string_view> MediaType::parameter(std::string_view name) const noexcept {
  for (const auto& [key, value] : parameters_) {
    if (internal::equals_ignore_case_inline(key, name)) return value;
  }
  return std::nullopt;
}

bool operator==(const MediaType& a, const MediaType& b) noexcept {
  return a.type_ == b.type_ && a.subtype_ == b.subtype_ &&
         std::equal(a.parameters_.begin(), a.parameters_.end(), b.parameters_.begin(), b.parameters_.end(),
                    [](const auto& left, const auto& right) {
                      return internal::equals_ignore_case_inline(left.first, right.first) &&
                             left.second == right.second;
                    });
}

}  // namespace okhttp
