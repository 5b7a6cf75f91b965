#include <okhttp/headers.hpp>
#include <okhttp/http_date.hpp>

#include <algorithm>
#include <cassert>
#include <limits>
#include <stdexcept>

#include "http/ascii.hpp"
#include "http/redact.hpp"

namespace okhttp {
namespace {

constexpr std::string_view kSeparator = ": ";
constexpr std::string_view kLineEnd = "\r\n";

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name.substr(0, 64)) text += internal::is_field_value_char(c) ? c : '?';
  if (name.size() > 64) text += "...";
  return text + '"';
}

void check_name(std::string_view name) {
  if (name.empty()) throw std::invalid_argument("header name is empty");
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (internal::is_token_char(name[i])) continue;
    throw std::invalid_argument("unexpected character at " + std::to_string(i) + " in header name " + quoted(name));
  }
}

void check_value(std::string_view name, std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (internal::is_field_value_char(value[i])) continue;
    // The value stays out of the message: it may be a credential.
    throw std::invalid_argument("unexpected character at " + std::to_string(i) + " in the value of header " +
                                quoted(name));
  }
}

}  // namespace

// Invariants:
// 1. `text` is the concatenation of name ": " value CRLF for each field, so an HTTP/1.1 head is written in one append.
// 2. `marks` holds two offsets into `text` a field: where its name ends, and where its line ends.
struct Headers::Rep {
  std::string text;
  std::vector<std::uint32_t> marks;

  [[nodiscard]] std::size_t size() const noexcept { return marks.size() / 2; }
  [[nodiscard]] std::size_t line_begin(std::size_t index) const noexcept {
    return index == 0 ? 0 : marks[index * 2 - 1];
  }
  [[nodiscard]] std::size_t line_end(std::size_t index) const noexcept { return marks[index * 2 + 1]; }

  [[nodiscard]] Field at(std::size_t index) const noexcept {
    const std::string_view all = text;
    const std::size_t begin = line_begin(index);
    const std::size_t name_end = marks[index * 2];
    const std::size_t value_begin = name_end + kSeparator.size();
    return {all.substr(begin, name_end - begin),
            all.substr(value_begin, line_end(index) - kLineEnd.size() - value_begin)};
  }

  // The index of the last field of that name, or size().
  [[nodiscard]] std::size_t find_last(std::string_view name) const noexcept {
    for (std::size_t i = size(); i-- > 0;) {
      const std::size_t begin = line_begin(i);
      const std::size_t length = marks[i * 2] - begin;
      if (length == name.size() && internal::equals_ignore_case_inline({text.data() + begin, length}, name)) return i;
    }
    return size();
  }

  // Makes room for a line. What the text was before is returned, because the line may be made of views into it
  // (builder.add(other, *builder.get(name))).
  [[nodiscard]] std::string make_room(std::size_t line) {
    if (line > std::numeric_limits<std::uint32_t>::max() - text.size()) {
      throw std::invalid_argument("headers exceed 4 GiB");
    }
    if (marks.empty()) marks.reserve(32);
    std::string previous;
    if (text.capacity() - text.size() < line) {
      previous = std::move(text);
      text = std::string();
      text.reserve(std::max<std::size_t>(previous.size() * 2 + line, 256));
      text += previous;
    }
    return previous;
  }

  void append_line(std::string_view line, std::size_t name_size) {
    // No view into the old text: the line is a parser's.
    if (text.capacity() - text.size() < line.size()) static_cast<void>(make_room(line.size()));
    const auto name_end = static_cast<std::uint32_t>(text.size() + name_size);
    text += line;
    marks.push_back(name_end);
    marks.push_back(static_cast<std::uint32_t>(text.size()));
  }

  void append(std::string_view name, std::string_view value) {
    const std::string previous = make_room(name.size() + kSeparator.size() + value.size() + kLineEnd.size());
    text += name;
    const auto name_end = static_cast<std::uint32_t>(text.size());
    text += kSeparator;
    text += value;
    text += kLineEnd;
    marks.push_back(name_end);
    marks.push_back(static_cast<std::uint32_t>(text.size()));
  }

  void remove_all(std::string_view name) {
    Rep kept;
    kept.text.reserve(text.capacity());
    kept.marks.reserve(marks.capacity());
    for (std::size_t i = 0; i < size(); ++i) {
      const Field field = at(i);
      if (!internal::equals_ignore_case_inline(field.name, name)) kept.append(field.name, field.value);
    }
    *this = std::move(kept);
  }
};

Headers Headers::of(const std::vector<std::pair<std::string, std::string>>& fields) {
  Builder builder;
  for (const auto& [name, value] : fields) builder.add(name, value);
  return std::move(builder).build();
}

std::size_t Headers::size() const noexcept { return rep_ ? rep_->size() : 0; }

Headers::Field Headers::at(std::size_t index) const noexcept {
  assert(index < size());
  return rep_->at(index);
}

std::optional<std::string_view> Headers::get(std::string_view name) const noexcept {
  if (!rep_) return std::nullopt;
  const std::size_t index = rep_->find_last(name);
  if (index == rep_->size()) return std::nullopt;
  return rep_->at(index).value;
}

std::vector<std::string_view> Headers::values(std::string_view name) const {
  std::vector<std::string_view> found;
  if (!contains(name)) return found;
  for (const Field field : *this) {
    if (internal::equals_ignore_case_inline(field.name, name)) found.push_back(field.value);
  }
  return found;
}

bool Headers::contains(std::string_view name) const noexcept { return rep_ && rep_->find_last(name) != rep_->size(); }

std::vector<std::string_view> Headers::names() const {
  std::vector<std::string_view> distinct;
  for (const Field field : *this) {
    bool seen = false;
    for (const std::string_view earlier : distinct) {
      seen = seen || internal::equals_ignore_case_inline(earlier, field.name);
    }
    if (!seen) distinct.push_back(field.name);
  }
  return distinct;
}

std::optional<std::chrono::system_clock::time_point> Headers::get_date(std::string_view name) const {
  const auto value = get(name);
  if (!value) return std::nullopt;
  return parse_http_date(*value);
}

std::size_t Headers::byte_count() const noexcept { return wire_text().size(); }

std::string_view Headers::wire_text() const noexcept {
  return rep_ ? std::string_view(rep_->text) : std::string_view();
}

Headers::Builder Headers::new_builder() const {
  Builder builder;
  if (rep_) builder.rep_ = std::make_shared<Rep>(*rep_);
  return builder;
}

std::string Headers::to_string() const {
  std::string text;
  text.reserve(byte_count());
  for (const auto [name, value] : *this) {
    text += name;
    text += kSeparator;
    text += internal::printable_value(name, value);
    text += '\n';
  }
  return text;
}

bool operator==(const Headers& a, const Headers& b) noexcept {
  if (a.rep_ == b.rep_) return true;
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto left = a.at(i);
    const auto right = b.at(i);
    if (left.value != right.value || !internal::equals_ignore_case_inline(left.name, right.name)) return false;
  }
  return true;
}

Headers::Builder::Builder() = default;
Headers::Builder::Builder(const Builder& other) : rep_(other.rep_ ? std::make_shared<Rep>(*other.rep_) : nullptr) {}
Headers::Builder::Builder(Builder&&) noexcept = default;
Headers::Builder& Headers::Builder::operator=(const Builder& other) {
  if (this != &other) rep_ = other.rep_ ? std::make_shared<Rep>(*other.rep_) : nullptr;
  return *this;
}
Headers::Builder& Headers::Builder::operator=(Builder&&) noexcept = default;
Headers::Builder::~Builder() = default;

Headers::Builder& Headers::Builder::add(std::string_view name, std::string_view value) {
  value = internal::trim_ows(value);
  check_name(name);
  check_value(name, value);
  return add_unchecked(name, value);
}

Headers::Builder& Headers::Builder::add_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) throw std::invalid_argument("header line has no colon");
  return add(internal::trim_ows(line.substr(0, colon)), line.substr(colon + 1));
}

Headers::Builder& Headers::Builder::add(std::string_view name, std::chrono::system_clock::time_point date) {
  return add(name, format_http_date(date));
}

Headers::Builder& Headers::Builder::add_all(const Headers& headers) {
  // The copy holds the fields if they are the ones being added to.
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  const Headers source = headers;
  reserve(size() + source.size(), (rep_ ? rep_->text.size() : 0) + source.byte_count());
  for (const auto [name, value] : source) rep_->append(name, value);
  return *this;
}

Headers::Builder& Headers::Builder::add_unchecked(std::string_view name, std::string_view value) {
  if (!rep_) rep_ = std::make_shared<Rep>();
  rep_->append(name, value);
  return *this;
}

Headers::Builder& Headers::Builder::add_wire_line(std::string_view line, std::size_t name_size) {
  assert(line.substr(name_size).starts_with(kSeparator) && line.ends_with(kLineEnd));
  if (!rep_) rep_ = std::make_shared<Rep>();
  rep_->append_line(line, name_size);
  return *this;
}

Headers::Builder& Headers::Builder::set(std::string_view name, std::string_view value) {
  value = internal::trim_ows(value);
  check_name(name);
  check_value(name, value);
  if (rep_ && rep_->find_last(name) != rep_->size()) {
    // Both may be views into the text that is about to be rewritten.
    const std::string own_name(name);
    const std::string own_value(value);
    rep_->remove_all(own_name);
    return add_unchecked(own_name, own_value);
  }
  return add_unchecked(name, value);
}

Headers::Builder& Headers::Builder::set(std::string_view name, std::chrono::system_clock::time_point date) {
  return set(name, format_http_date(date));
}

Headers::Builder& Headers::Builder::remove_all(std::string_view name) {
  if (rep_ && rep_->find_last(name) != rep_->size()) rep_->remove_all(std::string(name));
  return *this;
}

std::optional<std::string_view> Headers::Builder::get(std::string_view name) const noexcept {
  if (!rep_) return std::nullopt;
  const std::size_t index = rep_->find_last(name);
  if (index == rep_->size()) return std::nullopt;
  return rep_->at(index).value;
}

std::size_t Headers::Builder::size() const noexcept { return rep_ ? rep_->size() : 0; }

Headers::Builder& Headers::Builder::reserve(std::size_t fields, std::size_t bytes) {
  if (!rep_) rep_ = std::make_shared<Rep>();
  rep_->marks.reserve(fields * 2);
  rep_->text.reserve(bytes + fields * (kSeparator.size() + kLineEnd.size()));
  return *this;
}

Headers Headers::Builder::build() const& {
  if (size() == 0) return Headers();
  return Headers(std::make_shared<const Rep>(*rep_));
}

Headers Headers::Builder::build() && {
  if (size() == 0) return Headers();
  return Headers(std::exchange(rep_, nullptr));
}

bool equals_ignore_case(std::string_view a, std::string_view b) noexcept {
  return internal::equals_ignore_case_inline(a, b);
}

}  // namespace okhttp
