#include <okhttp/headers.hpp>
#include <okhttp/http_date.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <memory_resource>
#include <stdexcept>

#include "http/ascii.hpp"
#include "http/redact.hpp"

namespace okhttp {
namespace {

constexpr std::string_view kSeparator = ": ";
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kMaxText = std::numeric_limits<std::uint32_t>::max();

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
// 2. `lines` says for each field where in `text` its name and its line end.
struct Headers::Rep {
  // Not defaulted, which would clear the room first.
  Rep() noexcept {}  // NOLINT(modernize-use-equals-default)
  Rep(const Rep& other) : text(other.text, &arena), lines(other.lines, &arena) {}
  Rep& operator=(const Rep& other) = delete;
  ~Rep() = default;

  // The fields of most messages fit in here, and then they cost one allocation in all.
  alignas(8) std::array<std::byte, 640> room;
  std::pmr::monotonic_buffer_resource arena{room.data(), room.size()};
  std::pmr::string text{&arena};
  std::pmr::vector<Builder::WireLine> lines{&arena};

  [[nodiscard]] std::size_t size() const noexcept { return lines.size(); }
  [[nodiscard]] std::size_t line_begin(std::size_t index) const noexcept {
    return index == 0 ? 0 : lines[index - 1].line_end;
  }
  [[nodiscard]] bool is_named(std::size_t index, std::string_view name) const noexcept {
    const std::size_t begin = line_begin(index);
    const std::size_t length = lines[index].name_end - begin;
    return length == name.size() && internal::equals_ignore_case_inline({text.data() + begin, length}, name);
  }

  [[nodiscard]] Field at(std::size_t index) const noexcept {
    const std::size_t begin = line_begin(index);
    const std::size_t name_end = lines[index].name_end;
    const std::size_t value_begin = name_end + kSeparator.size();
    return {{text.data() + begin, name_end - begin},
            {text.data() + value_begin, lines[index].line_end - kLineEnd.size() - value_begin}};
  }

  // The index of the first field of that name at `from` or behind it, or size().
  [[nodiscard]] std::size_t find(std::string_view name, std::size_t from) const noexcept {
    if (from >= size()) return size();
    std::size_t begin = line_begin(from);
    for (; from < size(); ++from) {
      const std::size_t length = lines[from].name_end - begin;
      if (length == name.size() && internal::equals_ignore_case_inline({text.data() + begin, length}, name)) break;
      begin = lines[from].line_end;
    }
    return from;
  }

  // The index of the last field of that name, or size().
  [[nodiscard]] std::size_t find_last(std::string_view name) const noexcept {
    for (std::size_t i = size(); i-- > 0;) {
      if (is_named(i, name)) return i;
    }
    return size();
  }

  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept {
    return bytes <= std::min(text.capacity(), kMaxText) - text.size();
  }
  // The text with room for so many bytes more. What is added may be made of views into the text as it is
  // (builder.add(other, *builder.get(name))), so that one stays until it is.
  [[nodiscard]] std::pmr::string roomier_text(std::size_t bytes) {
    if (bytes > kMaxText - text.size()) throw std::invalid_argument("headers exceed 4 GiB");
    std::pmr::string larger(&arena);
    larger.reserve(std::max<std::size_t>(text.size() * 2 + bytes, 256));
    larger += text;
    return larger;
  }

  void append_lines(std::string_view added, std::span<const Builder::WireLine> added_lines) {
    const auto begin = static_cast<std::uint32_t>(text.size());
    if (!has_room(added.size())) text = roomier_text(added.size());
    text += added;
    lines.reserve(lines.size() + added_lines.size());
    for (const Builder::WireLine& line : added_lines) lines.push_back({begin + line.name_end, begin + line.line_end});
  }

  void append(std::string_view name, std::string_view value) {
    const std::size_t bytes = name.size() + kSeparator.size() + value.size() + kLineEnd.size();
    const auto name_end = static_cast<std::uint32_t>(text.size() + name.size());
    if (has_room(bytes)) {
      write_line(text, name, value);
    } else {
      std::pmr::string larger = roomier_text(bytes);
      write_line(larger, name, value);
      text.swap(larger);
    }
    if (lines.empty()) lines.reserve(16);
    lines.push_back({name_end, static_cast<std::uint32_t>(text.size())});
  }
  static void write_line(std::pmr::string& to, std::string_view name, std::string_view value) {
    to += name;
    to += kSeparator;
    to += value;
    to += kLineEnd;
  }

  // All but the fields of that name.
  [[nodiscard]] std::shared_ptr<Rep> without(std::string_view name) const {
    auto kept = std::make_shared<Rep>();
    kept->text.reserve(text.size());
    kept->lines.reserve(lines.size());
    for (std::size_t i = 0; i < size(); ++i) {
      if (!is_named(i, name)) kept->append(at(i).name, at(i).value);
    }
    return kept;
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

std::size_t Headers::find(std::string_view name, std::size_t from) const noexcept {
  return rep_ ? rep_->find(name, from) : 0;
}

std::vector<std::string_view> Headers::values(std::string_view name) const {
  std::vector<std::string_view> found;
  for (std::size_t i = find(name); i < size(); i = find(name, i + 1)) found.push_back(value(i));
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

Headers::Builder& Headers::Builder::add_wire_lines(std::string_view text, std::span<const WireLine> lines) {
  assert(lines.empty() ? text.empty() : lines.back().line_end == text.size() && text.ends_with(kLineEnd));
  if (!rep_) rep_ = std::make_shared<Rep>();
  rep_->append_lines(text, lines);
  return *this;
}

Headers::Builder& Headers::Builder::set(std::string_view name, std::string_view value) {
  value = internal::trim_ows(value);
  check_name(name);
  check_value(name, value);
  if (rep_ && rep_->find_last(name) != rep_->size()) {
    // Both may be views into the text that is replaced.
    const std::shared_ptr<const Rep> previous = std::exchange(rep_, rep_->without(name));
    return add_unchecked(name, value);
  }
  return add_unchecked(name, value);
}

Headers::Builder& Headers::Builder::set(std::string_view name, std::chrono::system_clock::time_point date) {
  return set(name, format_http_date(date));
}

Headers::Builder& Headers::Builder::remove_all(std::string_view name) {
  if (rep_ && rep_->find_last(name) != rep_->size()) rep_ = rep_->without(name);
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
  rep_->lines.reserve(fields);
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
