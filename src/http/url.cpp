#include <okhttp/url.hpp>

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

#include "http/percent_encoding.hpp"
#include "http/public_suffix.hpp"
#include "http/url_parser.hpp"
#include "http/url_record.hpp"

namespace okhttp {

using internal::percent_decode;
using internal::UrlRecord;

namespace {

/// Calls `visit` for each piece of `text` between separators; one for an empty text. Stops when it returns false.
template <typename Visit>
void for_each_piece(std::string_view text, char separator, Visit visit) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (!visit(text.substr(0, end)) || end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

/// One parameter of a query, still encoded.
struct EncodedParameter {
  explicit EncodedParameter(std::string_view text) : name(text.substr(0, text.find('='))) {
    if (name.size() < text.size()) value = text.substr(name.size() + 1);
  }

  [[nodiscard]] std::string decoded_name() const { return percent_decode(name, true); }
  [[nodiscard]] std::optional<std::string> decoded_value() const {
    if (!value) return std::nullopt;
    return percent_decode(*value, true);
  }

  std::string_view name;
  std::optional<std::string_view> value;
};

template <typename Visit>
void for_each_parameter(std::optional<std::string_view> query, Visit visit) {
  if (!query) return;
  for_each_piece(*query, '&', [&visit](std::string_view piece) { return visit(EncodedParameter(piece)); });
}

EncodedParameter parameter_at(std::optional<std::string_view> query, std::size_t index) {
  std::optional<EncodedParameter> found;
  for_each_parameter(query, [&found, index, position = std::size_t{0}](const EncodedParameter& parameter) mutable {
    if (position++ == index) found = parameter;
    return !found;
  });
  if (!found) throw std::out_of_range("Url has no query parameter " + std::to_string(index));
  return *found;
}

std::string_view path_behind_first_slash(const UrlRecord& record) { return record.path().substr(1); }

}  // namespace

Url Url::parse(std::string_view text) {
  auto record = std::make_shared<UrlRecord>();
  const internal::UrlFailure failure = internal::parse_url(text, nullptr, *record);
  if (failure.problem != internal::UrlProblem::none) throw std::invalid_argument(describe(failure));
  return Url(std::move(record));
}

std::optional<Url> Url::try_parse(std::string_view text) {
  auto record = std::make_shared<UrlRecord>();
  if (internal::parse_url(text, nullptr, *record).problem != internal::UrlProblem::none) return std::nullopt;
  return Url(std::move(record));
}

std::optional<Url> Url::resolve(std::string_view reference) const {
  auto record = std::make_shared<UrlRecord>();
  if (internal::parse_url(reference, record_.get(), *record).problem != internal::UrlProblem::none) return std::nullopt;
  return Url(std::move(record));
}

std::string_view Url::scheme() const noexcept { return record_->scheme(); }
bool Url::is_tls() const noexcept { return record_->is_tls; }

std::string_view Url::encoded_username() const noexcept { return record_->username(); }
std::string Url::username() const { return percent_decode(encoded_username()); }
std::string_view Url::encoded_password() const noexcept { return record_->password(); }
std::string Url::password() const { return percent_decode(encoded_password()); }

std::string_view Url::host() const noexcept { return record_->host(); }
bool Url::host_is_ip() const noexcept { return record_->host_is_ip; }
std::uint16_t Url::port() const noexcept { return record_->port; }
std::string_view Url::host_header() const noexcept { return record_->host_and_port(); }

std::uint16_t Url::default_port(std::string_view scheme) noexcept {
  const internal::UrlScheme* known = internal::find_scheme(scheme);
  return known == nullptr ? std::uint16_t{0} : known->default_port;
}

std::string_view Url::encoded_path() const noexcept { return record_->path(); }

std::vector<std::string_view> Url::encoded_path_segments() const {
  std::vector<std::string_view> segments;
  segments.reserve(path_size());
  for_each_piece(path_behind_first_slash(*record_), '/', [&segments](std::string_view segment) {
    segments.push_back(segment);
    return true;
  });
  return segments;
}

std::vector<std::string> Url::path_segments() const {
  std::vector<std::string> segments;
  segments.reserve(path_size());
  for_each_piece(path_behind_first_slash(*record_), '/', [&segments](std::string_view segment) {
    segments.push_back(percent_decode(segment));
    return true;
  });
  return segments;
}

std::size_t Url::path_size() const noexcept {
  const std::string_view path = encoded_path();
  return static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
}

std::optional<std::string_view> Url::encoded_query() const noexcept { return record_->query(); }

std::optional<std::string> Url::query() const {
  const auto encoded = encoded_query();
  if (!encoded) return std::nullopt;
  return percent_decode(*encoded, true);
}

std::size_t Url::query_size() const noexcept {
  const auto encoded = encoded_query();
  if (!encoded) return 0;
  return static_cast<std::size_t>(std::count(encoded->begin(), encoded->end(), '&')) + 1;
}

std::optional<std::string> Url::query_parameter(std::string_view name) const {
  std::optional<std::string> value;
  for_each_parameter(encoded_query(), [&value, name](const EncodedParameter& parameter) {
    if (parameter.decoded_name() != name) return true;
    value = parameter.decoded_value();
    return false;
  });
  return value;
}

std::vector<std::optional<std::string>> Url::query_parameter_values(std::string_view name) const {
  std::vector<std::optional<std::string>> values;
  for_each_parameter(encoded_query(), [&values, name](const EncodedParameter& parameter) {
    if (parameter.decoded_name() == name) values.push_back(parameter.decoded_value());
    return true;
  });
  return values;
}

std::vector<std::string> Url::query_parameter_names() const {
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  for_each_parameter(encoded_query(), [&names, &seen](const EncodedParameter& parameter) {
    std::string name = parameter.decoded_name();
    if (seen.insert(name).second) names.push_back(std::move(name));
    return true;
  });
  return names;
}

std::string Url::query_parameter_name(std::size_t index) const {
  return parameter_at(encoded_query(), index).decoded_name();
}

std::optional<std::string> Url::query_parameter_value(std::size_t index) const {
  return parameter_at(encoded_query(), index).decoded_value();
}

std::optional<std::string_view> Url::encoded_fragment() const noexcept { return record_->fragment(); }

std::optional<std::string> Url::fragment() const {
  const auto encoded = encoded_fragment();
  if (!encoded) return std::nullopt;
  return percent_decode(*encoded);
}

std::string_view Url::request_target() const noexcept {
  return record_->slice(record_->path_begin, record_->query_end);
}

std::string Url::redact() const {
  std::string text(scheme());
  text += "://";
  text += host_header();
  text += "/...";
  return text;
}

std::optional<std::string> Url::top_private_domain() const {
  if (host_is_ip()) return std::nullopt;
  return internal::registrable_domain(host());
}

const std::string& Url::to_string() const noexcept { return record_->text; }

std::optional<Url::Builder> Url::new_builder(std::string_view reference) const {
  const auto resolved = resolve(reference);
  if (!resolved) return std::nullopt;
  return resolved->new_builder();
}

bool operator==(const Url& a, const Url& b) noexcept {
  return a.record_ == b.record_ || a.record_->text == b.record_->text;
}

}  // namespace okhttp
