#pragma once

#include <okhttp/config.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace okhttp {

/// A media type, as "text/html; charset=utf-8" (RFC 9110 §8.3.1). An immutable value.
class OKHTTP_API MediaType {
 public:
  /// Throws std::invalid_argument, which shows the text, when it is no media type.
  [[nodiscard]] static MediaType parse(std::string_view text);
  /// Nothing when the text is no media type.
  [[nodiscard]] static std::optional<MediaType> try_parse(std::string_view text);

  /// The part before the slash in lower case, as "text".
  [[nodiscard]] const std::string& type() const noexcept { return type_; }
  /// The part after the slash in lower case, as "html".
  [[nodiscard]] const std::string& subtype() const noexcept { return subtype_; }
  /// The first parameter of that name, without quotes and escapes. The view lives as long as this object.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const noexcept;
  /// The charset parameter as it was written.
  [[nodiscard]] std::optional<std::string_view> charset() const noexcept { return parameter("charset"); }

  /// The text that was parsed.
  [[nodiscard]] const std::string& to_string() const noexcept { return text_; }

  /// True when type, subtype and parameters agree, names compared without regard to case.
  friend OKHTTP_API bool operator==(const MediaType& a, const MediaType& b) noexcept;

 private:
  MediaType() = default;

  std::string text_;
  std::string type_;
  std::string subtype_;
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace okhttp
