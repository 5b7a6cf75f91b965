#include <okhttp/cache_control.hpp>
#include <okhttp/challenge.hpp>
#include <okhttp/error.hpp>
#include <okhttp/response.hpp>

#include <stdexcept>

#include "http/printable.hpp"

namespace okhttp {

struct Response::Rep {
  std::optional<Request> request;  // always there once built
  Protocol protocol = Protocol::http_1_1;
  int code = 0;
  std::string message;
  Headers headers;
  std::shared_ptr<const Handshake> handshake;
  std::optional<Response> network_response;
  std::optional<Response> cache_response;
  std::optional<Response> prior_response;
  std::chrono::system_clock::time_point sent_request_at;
  std::chrono::system_clock::time_point received_response_at;
};

namespace {

const Response* pointer_to(const std::optional<Response>& response) noexcept { return response ? &*response : nullptr; }

std::string status_text(const Response& response) {
  std::string text = std::to_string(response.code());
  if (!response.message().empty()) text += ' ' + response.message();
  return text;
}

}  // namespace

const Request& Response::request() const noexcept { return *rep_->request; }
Protocol Response::protocol() const noexcept { return rep_->protocol; }
int Response::code() const noexcept { return rep_->code; }
const std::string& Response::message() const noexcept { return rep_->message; }
const Headers& Response::headers() const noexcept { return rep_->headers; }
const ResponseBody& Response::body() const noexcept { return body_; }
const std::shared_ptr<const Handshake>& Response::handshake() const noexcept { return rep_->handshake; }
const Response* Response::network_response() const noexcept { return pointer_to(rep_->network_response); }
const Response* Response::cache_response() const noexcept { return pointer_to(rep_->cache_response); }
const Response* Response::prior_response() const noexcept { return pointer_to(rep_->prior_response); }
std::chrono::system_clock::time_point Response::sent_request_at() const noexcept { return rep_->sent_request_at; }
std::chrono::system_clock::time_point Response::received_response_at() const noexcept {
  return rep_->received_response_at;
}

bool Response::is_redirect() const noexcept {
  switch (code()) {
    case 300:
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return true;
    default:
      return false;
  }
}

CacheControl Response::cache_control() const { return CacheControl::parse(headers()); }

std::vector<Challenge> Response::challenges() const {
  if (code() == 401) return parse_challenges(headers(), "WWW-Authenticate");
  if (code() == 407) return parse_challenges(headers(), "Proxy-Authenticate");
  return {};
}

const Response& Response::throw_if_error() const {
  if (code() < 400) return *this;
  throw Error(Errc::rejected, Blame::peer,
              request().method() + ' ' + internal::printable_url(request().url()) + " got " + status_text(*this));
}

Response::Builder Response::new_builder() const { return Builder(*this); }

std::string Response::to_string() const {
  return std::string(okhttp::to_string(protocol())) + ' ' + status_text(*this) + ' ' +
         internal::printable_url(request().url());
}

Response::Builder::Builder() = default;
Response::Builder::Builder(const Response& start) noexcept : frozen_(start.rep_), body_(start.body_) {}
Response::Builder::Builder(const Builder& other) : frozen_(other.freeze()), body_(other.body_) {}
Response::Builder::Builder(Builder&&) noexcept = default;
Response::Builder& Response::Builder::operator=(const Builder& other) {
  if (this != &other) *this = Builder(other);
  return *this;
}
Response::Builder& Response::Builder::operator=(Builder&&) noexcept = default;
Response::Builder::~Builder() = default;

Response::Rep& Response::Builder::own() {
  if (!own_) own_ = frozen_ ? std::make_shared<Rep>(*frozen_) : std::make_shared<Rep>();
  return *own_;
}

Headers::Builder& Response::Builder::own_headers() {
  if (!changed_headers_) changed_headers_ = own().headers.new_builder();
  return *changed_headers_;
}

const std::shared_ptr<const Response::Rep>& Response::Builder::freeze() const {
  if (changed_headers_) {
    own_->headers = std::move(*changed_headers_).build();
    changed_headers_.reset();
  }
  if (own_) frozen_ = std::move(own_);
  return frozen_;
}

Response::Builder& Response::Builder::request(Request request) {
  own().request = std::move(request);
  return *this;
}

Response::Builder& Response::Builder::protocol(Protocol protocol) {
  own().protocol = protocol;
  return *this;
}

Response::Builder& Response::Builder::code(int code) {
  own().code = code;
  return *this;
}

Response::Builder& Response::Builder::message(std::string message) {
  own().message = std::move(message);
  return *this;
}

Response::Builder& Response::Builder::header(std::string_view name, std::string_view value) {
  own_headers().set(name, value);
  return *this;
}

Response::Builder& Response::Builder::add_header(std::string_view name, std::string_view value) {
  own_headers().add(name, value);
  return *this;
}

Response::Builder& Response::Builder::remove_header(std::string_view name) {
  // Usually there is none, and then the headers stay shared.
  const Rep* rep = own_ ? own_.get() : frozen_.get();
  const bool is_there = changed_headers_ ? changed_headers_->get(name).has_value() : rep && rep->headers.contains(name);
  if (is_there) own_headers().remove_all(name);
  return *this;
}

Response::Builder& Response::Builder::headers(Headers headers) {
  changed_headers_.reset();
  own().headers = std::move(headers);
  return *this;
}

Response::Builder& Response::Builder::body(ResponseBody body) {
  body_ = std::move(body);
  return *this;
}

Response::Builder& Response::Builder::handshake(std::shared_ptr<const Handshake> handshake) {
  own().handshake = std::move(handshake);
  return *this;
}

// A response that hangs on another is there to be looked at: it must hold neither a connection nor a chain of others.
Response Response::Builder::stripped(const Response& response) {
  const Rep& whole = *response.rep_;
  if (!whole.network_response && !whole.cache_response && !whole.prior_response) return Response(response.rep_, {});
  auto rep = std::make_shared<Rep>(whole);
  rep->network_response.reset();
  rep->cache_response.reset();
  rep->prior_response.reset();
  return Response(std::move(rep), {});
}

Response::Builder& Response::Builder::network_response(const Response& response) {
  own().network_response = stripped(response);
  return *this;
}

Response::Builder& Response::Builder::cache_response(const Response& response) {
  own().cache_response = stripped(response);
  return *this;
}

Response::Builder& Response::Builder::prior_response(const Response& response) {
  // Of the prior one the whole story counts: what it followed, and what was on the wire.
  own().prior_response = Response(response.rep_, {});
  return *this;
}

Response::Builder& Response::Builder::sent_request_at(std::chrono::system_clock::time_point time) {
  own().sent_request_at = time;
  return *this;
}

Response::Builder& Response::Builder::received_response_at(std::chrono::system_clock::time_point time) {
  own().received_response_at = time;
  return *this;
}

Response Response::Builder::build() const {
  if (!freeze() || !frozen_->request) throw std::logic_error("a response needs a request");
  if (frozen_->code < 100 || frozen_->code > 999) {
    throw std::logic_error("a response needs a code from 100 to 999, not " + std::to_string(frozen_->code));
  }
  return Response(frozen_, body_);
}

}  // namespace okhttp
