#include "cache/byte_range.hpp"

#include <algorithm>
#include <limits>

#include "http/ascii.hpp"
#include "http/field_scanner.hpp"

namespace okhttp::internal {
namespace {

std::optional<std::uint64_t> take_number(FieldScanner& scanner) noexcept {
  const std::string_view digits = scanner.take_while(is_digit);
  if (digits.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

bool take_unit(FieldScanner& scanner) noexcept { return equals_ignore_case_inline(scanner.token(), "bytes"); }

}  // namespace

std::optional<ByteRange> parse_range(std::string_view value) noexcept {
  FieldScanner scanner(trim_ows(value));
  if (!take_unit(scanner) || !scanner.take('=')) return std::nullopt;
  scanner.skip_ows();
  if (scanner.take('-')) {
    const auto count = take_number(scanner);
    if (!count.has_value() || !scanner.at_end()) return std::nullopt;
    return ByteRange(true, *count, std::nullopt);
  }
  const auto first = take_number(scanner);
  if (!first.has_value() || !scanner.take('-')) return std::nullopt;
  if (scanner.at_end()) return ByteRange(false, *first, std::nullopt);
  const auto last = take_number(scanner);
  if (!last.has_value() || !scanner.at_end() || *last < *first) return std::nullopt;
  return ByteRange(false, *first, last);
}

std::optional<Slice> slice_of(const ByteRange& range, std::uint64_t complete_length) noexcept {
  if (range.is_suffix) {
    if (range.first == 0 || complete_length == 0) return std::nullopt;
    return Slice(complete_length - std::min(range.first, complete_length), complete_length);
  }
  if (range.first >= complete_length) return std::nullopt;
  const bool is_open = !range.last.has_value() || *range.last >= complete_length;
  return Slice(range.first, is_open ? complete_length : *range.last + 1);
}

std::optional<CachedResponse::Part> parse_content_range(const Headers& headers) noexcept {
  const std::size_t at = headers.find("Content-Range");
  if (at == headers.size() || headers.find("Content-Range", at + 1) != headers.size()) return std::nullopt;
  FieldScanner scanner(headers.value(at));
  if (!take_unit(scanner) || !scanner.skip_ows()) return std::nullopt;
  const auto first = take_number(scanner);
  if (!first.has_value() || !scanner.take('-')) return std::nullopt;
  const auto last = take_number(scanner);
  if (!last.has_value() || !scanner.take('/')) return std::nullopt;
  const auto complete = take_number(scanner);
  if (!complete.has_value() || !scanner.at_end() || *last < *first || *last >= *complete) return std::nullopt;
  CachedResponse::Part part;
  part.begin = *first;
  part.length = *last - *first + 1;
  part.complete_length = *complete;
  return part;
}

std::string content_range(const Slice& slice, std::uint64_t complete_length) {
  return "bytes " + std::to_string(slice.begin) + '-' + std::to_string(slice.end - 1) + '/' +
         std::to_string(complete_length);
}

bool is_strong_etag(std::string_view etag) noexcept {
  return etag.size() >= 2 && etag.front() == '"' && etag.back() == '"';
}

bool has_strong_etag(const Headers& headers) noexcept {
  const auto etag = headers.get("ETag");
  return etag.has_value() && is_strong_etag(*etag);
}

}  // namespace okhttp::internal
