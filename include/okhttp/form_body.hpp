#pragma once

#include <okhttp/config.hpp>
#include <okhttp/request_body.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace okhttp {

/// A form as browsers submit it: application/x-www-form-urlencoded, in UTF-8.
class OKHTTP_API FormBody final : public RequestBody {
 public:
  class Builder;

  /// Number of fields.
  [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }
  /// Name and value of field `index`, which must be below size(), as they are sent.
  [[nodiscard]] const std::string& encoded_name(std::size_t index) const { return fields_[index].first; }
  [[nodiscard]] const std::string& encoded_value(std::size_t index) const { return fields_[index].second; }
  /// The same, decoded.
  [[nodiscard]] std::string name(std::size_t index) const;
  [[nodiscard]] std::string value(std::size_t index) const;

  [[nodiscard]] std::optional<MediaType> content_type() const override;
  [[nodiscard]] std::optional<std::uint64_t> content_length() const override { return text_.size(); }
  [[nodiscard]] std::optional<std::span<const std::byte>> in_memory() const override;
  [[nodiscard]] Task<void> write_to(BodySink& sink) const override;

 private:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  explicit FormBody(Fields fields);

  Fields fields_;
  std::string text_;
};

/// Collects the fields of a form. Not thread-safe.
class OKHTTP_API FormBody::Builder {
 public:
  /// Appends a field. All but letters, digits and "*-._" is percent-encoded, a space becomes '+'.
  Builder& add(std::string_view name, std::string_view value);
  /// Appends a field that is encoded already: percent-encodings and '+' are kept, what could not stand there is
  /// encoded, and tab, CR and LF are dropped.
  Builder& add_encoded(std::string_view name, std::string_view value);

  [[nodiscard]] std::shared_ptr<const FormBody> build() const;

 private:
  Fields fields_;
};

}  // namespace okhttp
