#include <okhttp/url.hpp>

#include <algorithm>
#include <stdexcept>

#include "http/percent_encoding.hpp"
#include "http/url_host.hpp"
#include "http/url_ip.hpp"
#include "http/url_parser.hpp"
#include "http/url_record.hpp"

namespace okhttp {

using internal::DotSegment;
using internal::EncodeSet;
using internal::percent_encode;
using internal::reencode;

namespace {

std::optional<std::string> reencode(std::optional<std::string_view> encoded, EncodeSet set) {
  if (!encoded) return std::nullopt;
  return internal::reencode(*encoded, set);
}

std::optional<std::string> percent_encode(std::optional<std::string_view> text, EncodeSet set) {
  if (!text) return std::nullopt;
  return internal::percent_encode(*text, set);
}

}  // namespace

Url::Builder Url::new_builder() const {
  Builder builder;
  builder.scheme_ = scheme();
  builder.encoded_username_ = encoded_username();
  builder.encoded_password_ = encoded_password();
  builder.host_ = record_->host();
  if (!record_->has_default_port) builder.port_ = port();
  const auto segments = encoded_path_segments();
  builder.encoded_segments_.assign(segments.begin(), segments.end());
  if (const auto query = encoded_query()) builder.encoded_parameters_ = Builder::split_query(*query);
  if (const auto fragment = encoded_fragment()) builder.encoded_fragment_ = *fragment;
  return builder;
}

Url::Builder::Builder() : encoded_segments_(1) {}

Url::Builder& Url::Builder::scheme(std::string_view scheme) {
  const internal::UrlScheme* known = internal::find_scheme(scheme);
  if (known == nullptr) {
    throw std::invalid_argument("Url::Builder: scheme \"" + internal::printable(scheme) +
                                "\" is not http, https, ws or wss");
  }
  scheme_ = known->name;
  return *this;
}

Url::Builder& Url::Builder::username(std::string_view username) {
  encoded_username_ = percent_encode(username, EncodeSet::userinfo);
  return *this;
}

Url::Builder& Url::Builder::encoded_username(std::string_view username) {
  encoded_username_ = reencode(username, EncodeSet::userinfo);
  return *this;
}

Url::Builder& Url::Builder::password(std::string_view password) {
  encoded_password_ = percent_encode(password, EncodeSet::userinfo);
  return *this;
}

Url::Builder& Url::Builder::encoded_password(std::string_view password) {
  encoded_password_ = reencode(password, EncodeSet::userinfo);
  return *this;
}

Url::Builder& Url::Builder::host(std::string_view host) {
  const bool lacks_brackets = host.find(':') != std::string_view::npos && !host.starts_with('[');
  std::string canonical;
  const internal::HostResult result =
      internal::append_host(canonical, lacks_brackets ? '[' + std::string(host) + ']' : std::string(host));
  if (result.problem != internal::UrlProblem::none) {
    internal::UrlFailure failure{result.problem, {}};
    // With an '@' somebody put user information here, which no message may show.
    if (host.find('@') == std::string_view::npos) failure.detail = internal::printable(host);
    throw std::invalid_argument("Url::Builder: " + describe(failure));
  }
  if (result.kind == internal::HostKind::ipv6) canonical = canonical.substr(1, canonical.size() - 2);
  host_ = std::move(canonical);
  return *this;
}

Url::Builder& Url::Builder::port(int port) {
  if (port < 1 || port > 65535) {
    throw std::invalid_argument("Url::Builder: port " + std::to_string(port) + " is not in 1 to 65535");
  }
  port_ = static_cast<std::uint16_t>(port);
  return *this;
}

Url::Builder& Url::Builder::add_path_segment(std::string_view segment) {
  push_segment(percent_encode(segment, EncodeSet::path_segment), false);
  return *this;
}

Url::Builder& Url::Builder::add_encoded_path_segment(std::string_view segment) {
  push_segment(reencode(segment, EncodeSet::path_segment), false);
  return *this;
}

Url::Builder& Url::Builder::add_path_segments(std::string_view segments) {
  push_segments(segments, false);
  return *this;
}

Url::Builder& Url::Builder::add_encoded_path_segments(std::string_view segments) {
  push_segments(segments, true);
  return *this;
}

Url::Builder& Url::Builder::set_path_segment(std::size_t index, std::string_view segment) {
  replace_segment(index, percent_encode(segment, EncodeSet::path_segment));
  return *this;
}

Url::Builder& Url::Builder::set_encoded_path_segment(std::size_t index, std::string_view segment) {
  replace_segment(index, reencode(segment, EncodeSet::path_segment));
  return *this;
}

Url::Builder& Url::Builder::remove_path_segment(std::size_t index) {
  if (index >= encoded_segments_.size()) {
    throw std::out_of_range("Url::Builder: no path segment " + std::to_string(index));
  }
  encoded_segments_.erase(encoded_segments_.begin() + static_cast<std::ptrdiff_t>(index));
  if (encoded_segments_.empty()) encoded_segments_.emplace_back();
  return *this;
}

Url::Builder& Url::Builder::encoded_path(std::string_view path) {
  if (!path.starts_with('/')) throw std::invalid_argument("Url::Builder: a path must begin with '/'");
  encoded_segments_.assign(1, {});
  push_segments(path.substr(1), true);
  return *this;
}

Url::Builder& Url::Builder::query(std::optional<std::string_view> query) {
  encoded_parameters_ = query ? split_query(percent_encode(*query, EncodeSet::query)) : std::nullopt;
  return *this;
}

Url::Builder& Url::Builder::encoded_query(std::optional<std::string_view> query) {
  encoded_parameters_ = query ? split_query(reencode(*query, EncodeSet::query)) : std::nullopt;
  return *this;
}

Url::Builder& Url::Builder::add_query_parameter(std::string_view name, std::optional<std::string_view> value) {
  if (!encoded_parameters_) encoded_parameters_.emplace();
  encoded_parameters_->push_back(
      {percent_encode(name, EncodeSet::query_component_text), percent_encode(value, EncodeSet::query_component_text)});
  return *this;
}

Url::Builder& Url::Builder::add_encoded_query_parameter(std::string_view name, std::optional<std::string_view> value) {
  if (!encoded_parameters_) encoded_parameters_.emplace();
  encoded_parameters_->push_back(
      {reencode(name, EncodeSet::query_component), reencode(value, EncodeSet::query_component)});
  return *this;
}

Url::Builder& Url::Builder::set_query_parameter(std::string_view name, std::optional<std::string_view> value) {
  return remove_all_query_parameters(name).add_query_parameter(name, value);
}

Url::Builder& Url::Builder::set_encoded_query_parameter(std::string_view name, std::optional<std::string_view> value) {
  return remove_all_encoded_query_parameters(name).add_encoded_query_parameter(name, value);
}

Url::Builder& Url::Builder::remove_all_query_parameters(std::string_view name) {
  remove_parameters(name);
  return *this;
}

Url::Builder& Url::Builder::remove_all_encoded_query_parameters(std::string_view name) {
  remove_parameters(internal::percent_decode(reencode(name, EncodeSet::query_component), true));
  return *this;
}

Url::Builder& Url::Builder::fragment(std::optional<std::string_view> fragment) {
  encoded_fragment_ = percent_encode(fragment, EncodeSet::fragment);
  return *this;
}

Url::Builder& Url::Builder::encoded_fragment(std::optional<std::string_view> fragment) {
  encoded_fragment_ = reencode(fragment, EncodeSet::fragment);
  return *this;
}

Url Url::Builder::build() const {
  if (scheme_.empty()) throw std::invalid_argument("Url::Builder: scheme is missing");
  if (host_.empty()) throw std::invalid_argument("Url::Builder: host is missing");
  // Parsing what was composed keeps one place that decides what a URL means.
  return Url::parse(to_string());
}

std::string Url::Builder::to_string() const {
  std::string text = scheme_;
  text += scheme_.empty() ? "//" : "://";
  if (!encoded_username_.empty() || !encoded_password_.empty()) {
    text += encoded_username_;
    if (!encoded_password_.empty()) text += ':' + encoded_password_;
    text += '@';
  }
  text += host_.find(':') == std::string::npos ? host_ : '[' + host_ + ']';
  if (port_) text += ':' + std::to_string(*port_);
  for (const std::string& segment : encoded_segments_) text += '/' + segment;
  if (encoded_parameters_) {
    char separator = '?';
    for (const Parameter& parameter : *encoded_parameters_) {
      text += separator;
      text += parameter.name;
      if (parameter.value) text += '=' + *parameter.value;
      separator = '&';
    }
  }
  if (encoded_fragment_) text += '#' + *encoded_fragment_;
  return text;
}

Url::Builder::Parameters Url::Builder::split_query(std::string_view encoded) {
  std::vector<Parameter> parameters;
  while (true) {
    const std::size_t end = encoded.find('&');
    const std::string_view parameter = encoded.substr(0, end);
    const std::size_t equals = parameter.find('=');
    std::optional<std::string> value;
    if (equals != std::string_view::npos) value = parameter.substr(equals + 1);
    parameters.push_back({std::string(parameter.substr(0, equals)), std::move(value)});
    if (end == std::string_view::npos) return parameters;
    encoded.remove_prefix(end + 1);
  }
}

void Url::Builder::push_segment(std::string encoded, bool followed_by_slash) {
  switch (internal::classify_segment(encoded)) {
    case DotSegment::single:
      return;
    case DotSegment::parent:
      // The path still ends with '/' afterwards: "/a/b" and "/a/b/" become "/a/" both.
      if (encoded_segments_.size() > 1 && encoded_segments_.back().empty()) encoded_segments_.pop_back();
      encoded_segments_.back().clear();
      return;
    case DotSegment::none:
      break;
  }
  if (encoded_segments_.back().empty()) {
    encoded_segments_.back() = std::move(encoded);
  } else {
    encoded_segments_.push_back(std::move(encoded));
  }
  if (followed_by_slash) encoded_segments_.emplace_back();
}

void Url::Builder::push_segments(std::string_view segments, bool already_encoded) {
  while (true) {
    const std::size_t end = segments.find_first_of("/\\");
    const bool is_last = end == std::string_view::npos;
    const std::string_view segment = segments.substr(0, end);
    push_segment(
        already_encoded ? reencode(segment, EncodeSet::path_segment) : percent_encode(segment, EncodeSet::path_segment),
        !is_last);
    if (is_last) return;
    segments.remove_prefix(end + 1);
  }
}

void Url::Builder::replace_segment(std::size_t index, std::string encoded) {
  if (index >= encoded_segments_.size()) {
    throw std::out_of_range("Url::Builder: no path segment " + std::to_string(index));
  }
  if (internal::classify_segment(encoded) != DotSegment::none) {
    throw std::invalid_argument("Url::Builder: a path segment cannot be set to \".\" or \"..\"");
  }
  encoded_segments_[index] = std::move(encoded);
}

void Url::Builder::remove_parameters(std::string_view name) {
  if (!encoded_parameters_) return;
  // Names are compared decoded: one name has many encodings, and a parsed URL keeps the one it came with.
  const auto removed = std::erase_if(*encoded_parameters_, [name](const Parameter& parameter) {
    return internal::percent_decode(parameter.name, true) == name;
  });
  if (removed > 0 && encoded_parameters_->empty()) encoded_parameters_.reset();
}

}  // namespace okhttp
