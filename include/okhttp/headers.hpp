#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace okhttp {

/// The header fields of one message, in order, with duplicates (RFC 9110 §5).
///
/// An immutable value: copying shares the storage and costs one reference count. Names compare without regard to case.
/// All text lives in one buffer, so that the fields of a usual message cost one allocation and those of any other a
/// few, however many there are; the views that accessors return stay valid as long as any copy of this object exists.
class OKHTTP_API Headers {
 public:
  class Builder;

  /// One field as it was sent: the name in its original case, the value without surrounding white space.
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  Headers() noexcept = default;

  /// Builds from alternating names and values, as `Headers::of({{"Accept", "*/*"}})`.
  /// Throws std::invalid_argument as Builder::add does.
  [[nodiscard]] static Headers of(const std::vector<std::pair<std::string, std::string>>& fields);

  /// Number of fields, duplicates counted.
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

  /// Field `index`, which must be below size().
  [[nodiscard]] Field at(std::size_t index) const noexcept;
  [[nodiscard]] std::string_view name(std::size_t index) const noexcept { return at(index).name; }
  [[nodiscard]] std::string_view value(std::size_t index) const noexcept { return at(index).value; }

  /// The last value of `name`, or nothing. (OkHttp's rule: the last one wins.)
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
  /// The index of the first field of that name at `from` or behind it, or size() when there is none.
  [[nodiscard]] std::size_t find(std::string_view name, std::size_t from = 0) const noexcept;
  /// All values of `name`, in order.
  [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const noexcept;
  /// Distinct names in order of first appearance, compared without regard to case.
  [[nodiscard]] std::vector<std::string_view> names() const;

  /// The last value of `name` as an HTTP date (RFC 9110 §5.6.7), or nothing if absent or malformed.
  [[nodiscard]] std::optional<std::chrono::system_clock::time_point> get_date(std::string_view name) const;

  /// Bytes that the fields take in an HTTP/1.1 head: names, values, ": " and CRLF.
  [[nodiscard]] std::size_t byte_count() const noexcept;

  /// The fields as they stand in an HTTP/1.1 head: "Name: value" and CRLF for each. Not redacted, so not for logs.
  [[nodiscard]] std::string_view wire_text() const noexcept;

  /// A builder that starts with these fields.
  [[nodiscard]] Builder new_builder() const;

  /// One field a line. Values of fields that carry credentials are replaced by "██".
  [[nodiscard]] std::string to_string() const;

  /// True when both hold the same fields in the same order, names compared without regard to case.
  friend OKHTTP_API bool operator==(const Headers& a, const Headers& b) noexcept;

  class Iterator {
   public:
    using value_type = Field;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const Headers* headers, std::size_t index) : headers_(headers), index_(index) {}
    Field operator*() const noexcept { return headers_->at(index_); }
    Iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    Iterator operator++(int) noexcept {
      Iterator old = *this;
      ++index_;
      return old;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept { return a.index_ == b.index_; }

   private:
    const Headers* headers_ = nullptr;
    std::size_t index_ = 0;
  };
  [[nodiscard]] Iterator begin() const noexcept { return Iterator(this, 0); }
  [[nodiscard]] Iterator end() const noexcept { return Iterator(this, size()); }

 private:
  struct Rep;
  explicit Headers(std::shared_ptr<const Rep> rep) noexcept : rep_(std::move(rep)) {}
  std::shared_ptr<const Rep> rep_;  // null when empty
};

/// Collects fields for Headers. Not thread-safe. Copyable.
class OKHTTP_API Headers::Builder {
 public:
  Builder();
  Builder(const Builder&);
  Builder(Builder&&) noexcept;
  Builder& operator=(const Builder&);
  Builder& operator=(Builder&&) noexcept;
  ~Builder();

  /// Appends a field. The name must be a token (RFC 9110 §5.6.2), the value visible ASCII, space, tab or bytes of 0x80
  /// and above, without CR, LF or NUL; surrounding white space of the value is dropped.
  /// Throws std::invalid_argument, which shows the name and the position of the offence, never the value.
  Builder& add(std::string_view name, std::string_view value);
  /// Appends a line "Name: value".
  Builder& add_line(std::string_view line);
  Builder& add(std::string_view name, std::chrono::system_clock::time_point date);
  Builder& add_all(const Headers& headers);
  /// Appends without any check, for fields that a parser has validated already.
  Builder& add_unchecked(std::string_view name, std::string_view value);
  /// Where a line of add_wire_lines() has its parts, counted from the first of them.
  struct WireLine {
    std::uint32_t name_end;
    std::uint32_t line_end;
  };
  /// Appends whole lines "Name: value\r\n" without any check, for parsers that found them in just this form.
  Builder& add_wire_lines(std::string_view text, std::span<const WireLine> lines);
  /// Removes every field of that name, then adds this one.
  Builder& set(std::string_view name, std::string_view value);
  Builder& set(std::string_view name, std::chrono::system_clock::time_point date);
  Builder& remove_all(std::string_view name);
  /// The last value of `name`; the view is valid until the builder is changed.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;
  /// Makes room for that many fields and that many bytes of text in them.
  Builder& reserve(std::size_t fields, std::size_t bytes);

  /// The collected fields. The builder stays usable and keeps its fields.
  [[nodiscard]] Headers build() const&;
  /// The same, handing the storage over without a copy; the builder is empty afterwards.
  [[nodiscard]] Headers build() &&;

 private:
  friend class Headers;
  std::shared_ptr<Rep> rep_;
};

/// True when `a` and `b` are equal but for the case of ASCII letters, as header names compare.
[[nodiscard]] OKHTTP_API bool equals_ignore_case(std::string_view a, std::string_view b) noexcept;

}  // namespace okhttp
