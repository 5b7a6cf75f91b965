#include <okhttp/cache_control.hpp>
#include <okhttp/request.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "http/ascii.hpp"
#include "http/cache_url_override.hpp"
#include "http/printable.hpp"
#include "http/redact.hpp"

namespace okhttp {
namespace {

bool forbids_body(std::string_view method) noexcept { return method == "GET" || method == "HEAD"; }

bool requires_body(std::string_view method) noexcept {
  static constexpr std::array<std::string_view, 6> kMethods = {"POST", "PUT", "PATCH", "QUERY", "PROPPATCH", "REPORT"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

void check_method(std::string_view method, bool has_body) {
  if (method.empty()) throw std::invalid_argument("method is empty");
  // Neither is the text shown: with a space or a line break it is a smuggled request rather than a method.
  if (!internal::is_token(method)) throw std::invalid_argument("method is no token");
  if (has_body && forbids_body(method)) {
    throw std::invalid_argument("method " + std::string(method) + " must not have a request body");
  }
  if (!has_body && requires_body(method)) {
    throw std::invalid_argument("method " + std::string(method) + " must have a request body");
  }
}

// A web socket begins as a request over HTTP (RFC 6455 §4.1).
Url over_http(Url url) {
  if (url.scheme().front() != 'w') return url;
  return url.new_builder().scheme(url.is_tls() ? "https" : "http").build();
}

}  // namespace

struct Request::Rep {
  std::optional<Url> url;  // always there once built
  std::string method = "GET";
  Headers headers;
  RequestBodyPtr body;
  std::vector<std::pair<std::type_index, std::shared_ptr<const void>>> tags;
};

Request Request::get(std::string_view url) { return get(Url::parse(url)); }
Request Request::get(Url url) { return Builder().url(std::move(url)).build(); }
Request Request::head(std::string_view url) { return Builder().url(url).head().build(); }
Request Request::post(std::string_view url, RequestBodyPtr body) {
  return Builder().url(url).post(std::move(body)).build();
}
Request Request::post(Url url, RequestBodyPtr body) {
  return Builder().url(std::move(url)).post(std::move(body)).build();
}
Request Request::put(std::string_view url, RequestBodyPtr body) {
  return Builder().url(url).put(std::move(body)).build();
}
Request Request::patch(std::string_view url, RequestBodyPtr body) {
  return Builder().url(url).patch(std::move(body)).build();
}
Request Request::delete_(std::string_view url, RequestBodyPtr body) {
  return Builder().url(url).delete_(std::move(body)).build();
}

const Url& Request::url() const noexcept { return *rep_->url; }
const std::string& Request::method() const noexcept { return rep_->method; }
const Headers& Request::headers() const noexcept { return rep_->headers; }
const RequestBodyPtr& Request::body() const noexcept { return rep_->body; }
CacheControl Request::cache_control() const { return CacheControl::parse(headers()); }

const Url* Request::cache_url_override() const noexcept {
  // The request holds it on.
  const auto kept = tag<internal::CacheUrlOverride>();
  return kept != nullptr ? &kept->url : nullptr;
}

std::shared_ptr<const void> Request::find_tag(std::type_index type) const noexcept {
  for (const auto& [tagged_type, value] : rep_->tags) {
    if (tagged_type == type) return value;
  }
  return nullptr;
}

Request::Builder Request::new_builder() const { return Builder(rep_); }

std::string Request::to_string() const {
  std::string text = method() + ' ' + internal::printable_url(url());
  std::string_view separator = " [";
  for (const auto [name, value] : headers()) {
    text += separator;
    text += name;
    text += ": ";
    text += internal::printable_value(name, value);
    separator = ", ";
  }
  if (!headers().empty()) text += ']';
  return text;
}

Request::Builder::Builder() = default;
Request::Builder::Builder(std::shared_ptr<const Rep> start) noexcept : frozen_(std::move(start)) {}
Request::Builder::Builder(const Builder& other) : frozen_(other.freeze()) {}
Request::Builder::Builder(Builder&&) noexcept = default;
Request::Builder& Request::Builder::operator=(const Builder& other) {
  if (this != &other) *this = Builder(other);
  return *this;
}
Request::Builder& Request::Builder::operator=(Builder&&) noexcept = default;
Request::Builder::~Builder() = default;

Request::Rep& Request::Builder::own() {
  if (!own_) own_ = frozen_ ? std::make_shared<Rep>(*frozen_) : std::make_shared<Rep>();
  return *own_;
}

Headers::Builder& Request::Builder::own_headers() {
  if (!changed_headers_) changed_headers_ = own().headers.new_builder();
  return *changed_headers_;
}

const std::shared_ptr<const Request::Rep>& Request::Builder::freeze() const {
  if (changed_headers_) {
    own_->headers = std::move(*changed_headers_).build();
    changed_headers_.reset();
  }
  if (own_) frozen_ = std::move(own_);
  return frozen_;
}

Request::Builder& Request::Builder::url(std::string_view url) { return this->url(Url::parse(url)); }

Request::Builder& Request::Builder::url(Url url) {
  url = over_http(std::move(url));
  own().url = std::move(url);
  return *this;
}

Request::Builder& Request::Builder::header(std::string_view name, std::string_view value) {
  own_headers().set(name, value);
  return *this;
}

Request::Builder& Request::Builder::add_header(std::string_view name, std::string_view value) {
  own_headers().add(name, value);
  return *this;
}

Request::Builder& Request::Builder::remove_header(std::string_view name) {
  // Usually there is none, and then the headers stay shared.
  const Rep* rep = own_ ? own_.get() : frozen_.get();
  const bool is_there = changed_headers_ ? changed_headers_->get(name).has_value() : rep && rep->headers.contains(name);
  if (is_there) own_headers().remove_all(name);
  return *this;
}

Request::Builder& Request::Builder::headers(Headers headers) {
  changed_headers_.reset();
  own().headers = std::move(headers);
  return *this;
}

Request::Builder& Request::Builder::cache_url_override(const std::optional<Url>& url) {
  std::shared_ptr<const internal::CacheUrlOverride> value;
  if (url.has_value()) value = std::make_shared<const internal::CacheUrlOverride>(*url);
  return tag(std::move(value));
}

Request::Builder& Request::Builder::cache_control(const CacheControl& cache_control) {
  const std::string value = cache_control.to_string();
  return value.empty() ? remove_header("Cache-Control") : header("Cache-Control", value);
}

Request::Builder& Request::Builder::method(std::string_view method, RequestBodyPtr body) {
  check_method(method, body != nullptr);
  Rep& rep = own();
  rep.method = method;
  rep.body = std::move(body);
  return *this;
}

Request::Builder& Request::Builder::set_tag(std::type_index type, std::shared_ptr<const void> value) {
  auto& tags = own().tags;
  std::erase_if(tags, [type](const auto& tag) { return tag.first == type; });
  if (value) tags.emplace_back(type, std::move(value));
  return *this;
}

Request Request::Builder::build() const {
  if (!freeze() || !frozen_->url) throw std::invalid_argument("a request needs a url");
  return Request(frozen_);
}

}  // namespace okhttp
