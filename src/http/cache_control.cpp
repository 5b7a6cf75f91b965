#include <okhttp/cache_control.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include "http/ascii.hpp"
#include "http/field_scanner.hpp"

namespace okhttp {
namespace {

using internal::equals_ignore_case_inline;
using std::chrono::seconds;

constexpr seconds kForever{std::numeric_limits<std::int32_t>::max()};

std::optional<seconds> parse_delta_seconds(const std::optional<std::string>& text) {
  if (!text || text->empty()) return std::nullopt;
  seconds::rep value = 0;
  for (const char c : *text) {
    if (!internal::is_digit(c)) return std::nullopt;
    value = std::min<seconds::rep>(value * 10 + (c - '0'), kForever.count());
  }
  return seconds(value);
}

seconds checked(std::string_view what, seconds duration) {
  if (duration < seconds::zero()) {
    throw std::invalid_argument(std::string(what) + " is below 0: " + std::to_string(duration.count()) + " s");
  }
  return std::min(duration, kForever);
}

// Argument of a directive; lenient, because servers also send "max-age = 5" and values that are no tokens.
std::optional<std::string> read_argument(internal::FieldScanner& scanner) {
  scanner.skip_ows();
  if (!scanner.take('=')) return std::nullopt;
  scanner.skip_ows();
  if (auto quoted = scanner.quoted_string()) return quoted;
  const std::string_view plain = scanner.take_while([](char c) { return c != ',' && c != ';'; });
  return std::string(internal::trim_ows(plain));
}

}  // namespace

// RFC 9111 §5.2.2.4, §5.2.2.7: with names of fields it is about these alone. Without, or with what names none, it is
// about the whole, also when both forms were given.
void CacheControl::apply_fields(bool& flag, std::vector<std::string>& fields,
                                const std::optional<std::string>& argument) {
  const bool is_about_all = flag && fields.empty();
  flag = true;
  std::vector<std::string> named;
  if (argument) internal::for_each_list_element(*argument, [&](std::string_view name) { named.emplace_back(name); });
  if (named.empty() || is_about_all) return fields.clear();
  fields.insert(fields.end(), named.begin(), named.end());
}

void CacheControl::apply(std::string_view directive, const std::optional<std::string>& argument) {
  const auto is = [&](std::string_view name) { return equals_ignore_case_inline(directive, name); };
  const auto keep_first = [](Seconds& field, Seconds value) {
    if (!field) field = value;
  };
  const Seconds duration = parse_delta_seconds(argument);
  if (is("no-cache")) {
    apply_fields(no_cache_, no_cache_fields_, argument);
  } else if (is("no-store")) {
    no_store_ = true;
  } else if (is("max-age")) {
    keep_first(max_age_, duration.value_or(seconds::zero()));
  } else if (is("s-maxage")) {
    keep_first(s_maxage_, duration.value_or(seconds::zero()));
  } else if (is("private")) {
    apply_fields(is_private_, private_fields_, argument);
  } else if (is("public")) {
    is_public_ = true;
  } else if (is("must-revalidate")) {
    must_revalidate_ = true;
  } else if (is("proxy-revalidate")) {
    proxy_revalidate_ = true;
  } else if (is("must-understand")) {
    must_understand_ = true;
  } else if (is("max-stale")) {
    // RFC 9111 §5.2.1.2: without an argument any staleness will do; a damaged one must not be taken for that.
    keep_first(max_stale_, argument ? duration : kForever);
  } else if (is("min-fresh")) {
    keep_first(min_fresh_, duration);
  } else if (is("only-if-cached")) {
    only_if_cached_ = true;
  } else if (is("no-transform")) {
    no_transform_ = true;
  } else if (is("immutable")) {
    immutable_ = true;
  } else if (is("stale-while-revalidate")) {
    keep_first(stale_while_revalidate_, duration);
  } else if (is("stale-if-error")) {
    keep_first(stale_if_error_, duration);
  }
}

void CacheControl::read_field(std::string_view value) {
  internal::FieldScanner scanner(value);
  while (!scanner.at_end()) {
    scanner.skip_ows();
    if (scanner.take(',') || scanner.take(';')) continue;
    const std::string_view directive = scanner.token();
    const std::optional<std::string> argument = read_argument(scanner);
    if (!directive.empty()) apply(directive, argument);
    // What is left of a damaged element is skipped, so that the ones behind it still count.
    scanner.take_while([](char c) { return c != ',' && c != ';'; });
  }
}

CacheControl CacheControl::parse(const Headers& headers) {
  CacheControl result;
  int fields = 0;
  for (const auto [name, value] : headers) {
    const bool is_cache_control = equals_ignore_case_inline(name, "Cache-Control");
    if (!is_cache_control && !equals_ignore_case_inline(name, "Pragma")) continue;
    result.read_field(value);
    ++fields;
    result.field_value_ = is_cache_control && fields == 1 ? std::string(value) : std::string();
  }
  return result;
}

CacheControl CacheControl::force_network() { return Builder().no_cache().build(); }

CacheControl CacheControl::force_cache() { return Builder().only_if_cached().max_stale(kForever).build(); }

std::string CacheControl::to_string() const {
  if (!field_value_.empty()) return field_value_;
  std::string text;
  const auto flag = [&text](bool present, std::string_view name) {
    if (!present) return;
    if (!text.empty()) text += ", ";
    text += name;
  };
  const auto duration = [&](const Seconds& value, std::string_view name) {
    flag(value.has_value(), name);
    if (value) text += '=' + std::to_string(value->count());
  };
  const auto fields = [&](bool present, std::string_view name, const std::vector<std::string>& names) {
    flag(present, name);
    if (!present || names.empty()) return;
    text += "=\"";
    for (std::size_t i = 0; i < names.size(); ++i) text += (i > 0 ? ", " : "") + names[i];
    text += '"';
  };
  fields(no_cache_, "no-cache", no_cache_fields_);
  flag(no_store_, "no-store");
  duration(max_age_, "max-age");
  duration(s_maxage_, "s-maxage");
  fields(is_private_, "private", private_fields_);
  flag(is_public_, "public");
  flag(must_revalidate_, "must-revalidate");
  flag(proxy_revalidate_, "proxy-revalidate");
  flag(must_understand_, "must-understand");
  duration(max_stale_, "max-stale");
  duration(min_fresh_, "min-fresh");
  flag(only_if_cached_, "only-if-cached");
  flag(no_transform_, "no-transform");
  flag(immutable_, "immutable");
  duration(stale_while_revalidate_, "stale-while-revalidate");
  duration(stale_if_error_, "stale-if-error");
  return text;
}

bool operator==(const CacheControl& a, const CacheControl& b) noexcept {
  return a.no_cache_ == b.no_cache_ && a.no_store_ == b.no_store_ && a.is_private_ == b.is_private_ &&
         a.is_public_ == b.is_public_ && a.must_revalidate_ == b.must_revalidate_ &&
         a.proxy_revalidate_ == b.proxy_revalidate_ && a.no_cache_fields_ == b.no_cache_fields_ &&
         a.private_fields_ == b.private_fields_ && a.must_understand_ == b.must_understand_ &&
         a.only_if_cached_ == b.only_if_cached_ && a.no_transform_ == b.no_transform_ && a.immutable_ == b.immutable_ &&
         a.max_age_ == b.max_age_ && a.s_maxage_ == b.s_maxage_ && a.max_stale_ == b.max_stale_ &&
         a.min_fresh_ == b.min_fresh_ && a.stale_while_revalidate_ == b.stale_while_revalidate_ &&
         a.stale_if_error_ == b.stale_if_error_;
}

CacheControl::Builder& CacheControl::Builder::no_cache() {
  result_.no_cache_ = true;
  return *this;
}

CacheControl::Builder& CacheControl::Builder::no_store() {
  result_.no_store_ = true;
  return *this;
}

CacheControl::Builder& CacheControl::Builder::max_age(seconds duration) {
  result_.max_age_ = checked("max_age", duration);
  return *this;
}

CacheControl::Builder& CacheControl::Builder::max_stale(seconds duration) {
  result_.max_stale_ = checked("max_stale", duration);
  return *this;
}

CacheControl::Builder& CacheControl::Builder::min_fresh(seconds duration) {
  result_.min_fresh_ = checked("min_fresh", duration);
  return *this;
}

CacheControl::Builder& CacheControl::Builder::stale_if_error(seconds duration) {
  result_.stale_if_error_ = checked("stale_if_error", duration);
  return *this;
}

CacheControl::Builder& CacheControl::Builder::only_if_cached() {
  result_.only_if_cached_ = true;
  return *this;
}

CacheControl::Builder& CacheControl::Builder::no_transform() {
  result_.no_transform_ = true;
  return *this;
}

CacheControl::Builder& CacheControl::Builder::immutable() {
  result_.immutable_ = true;
  return *this;
}

CacheControl::Builder& CacheControl::Builder::make_private() {
  result_.is_private_ = true;
  return *this;
}

CacheControl::Builder& CacheControl::Builder::make_public() {
  result_.is_public_ = true;
  return *this;
}

CacheControl::Builder& CacheControl::Builder::must_revalidate() {
  result_.must_revalidate_ = true;
  return *this;
}

CacheControl::Builder& CacheControl::Builder::stale_while_revalidate(seconds duration) {
  result_.stale_while_revalidate_ = checked("stale_while_revalidate", duration);
  return *this;
}

}  // namespace okhttp
