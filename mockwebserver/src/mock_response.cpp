#include <okhttp/mockwebserver/mock_response.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "response_script.hpp"

namespace okhttp {
namespace {

using internal::ResponseScript;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kBlock = std::size_t{256} * 1024;

/// RFC 9110 §6.4.1: these have no content and, as scripted by default, no Content-Length (§8.6).
bool is_bodyless(int code) noexcept { return code < 200 || code == 204 || code == 304; }

bool describes_length(std::string_view name) noexcept {
  return equals_ignore_case(name, "Content-Length") || equals_ignore_case(name, "Transfer-Encoding");
}

MockResponse simple_response(int code, const Headers& headers, std::string_view body) {
  MockResponse::Builder builder;
  builder.code(code).headers(headers);
  if (!body.empty() || !is_bodyless(code)) builder.body(body);
  return builder.build();
}

}  // namespace

namespace internal {

std::string_view default_reason(int code) noexcept {
  struct Phrase {
    int code;
    std::string_view text;
  };
  static constexpr Phrase kPhrases[] = {
      {100, "Continue"},
      {101, "Switching Protocols"},
      {102, "Processing"},
      {103, "Early Hints"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {205, "Reset Content"},
      {206, "Partial Content"},
      {300, "Multiple Choices"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {407, "Proxy Authentication Required"},
      {408, "Request Timeout"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {511, "Network Authentication Required"},
  };
  const auto* const found = std::find_if(std::begin(kPhrases), std::end(kPhrases),
                                         [code](const Phrase& phrase) { return phrase.code == code; });
  return found == std::end(kPhrases) ? std::string_view() : found->text;
}

std::string_view generated_run(std::uint64_t offset, std::uint64_t max) noexcept {
  static const std::string block = [] {
    std::string made;
    made.reserve(kBlock);
    while (made.size() < kBlock) made += kAlphabet;
    return made;
  }();
  const std::size_t start = offset % kAlphabet.size();
  return std::string_view(block).substr(start, static_cast<std::size_t>(std::min<std::uint64_t>(max, kBlock)));
}

std::string ResponseScript::reason_phrase() const {
  return reason.has_value() ? *reason : std::string(default_reason(code));
}

std::string ResponseScript::status() const {
  if (status_line.has_value()) return *status_line;
  return "HTTP/1.1 " + std::to_string(code) + " " + reason_phrase();
}

}  // namespace internal

MockResponse::MockResponse() : MockResponse(Builder().build()) {}
MockResponse::MockResponse(std::string_view body) : MockResponse(200, body) {}
MockResponse::MockResponse(int code, std::string_view body) : MockResponse(code, Headers(), body) {}
MockResponse::MockResponse(int code, const Headers& headers, std::string_view body)
    : MockResponse(simple_response(code, headers, body)) {}
MockResponse::MockResponse(std::shared_ptr<const ResponseScript> script) noexcept : script_(std::move(script)) {}

int MockResponse::code() const noexcept { return script_->code; }
std::string MockResponse::status() const { return script_->status(); }
Headers MockResponse::headers() const { return script_->headers.build(); }
MockResponse::Builder MockResponse::new_builder() const { return Builder(*script_); }

using Builder = MockResponse::Builder;

Builder::Builder() : script_(std::make_unique<ResponseScript>()) {}
Builder::Builder(const ResponseScript& script) : script_(std::make_unique<ResponseScript>(script)) {}
Builder::Builder(const Builder& other) : script_(std::make_unique<ResponseScript>(*other.script_)) {}
Builder::Builder(Builder&&) noexcept = default;
Builder& Builder::operator=(const Builder& other) {
  if (this != &other) script_ = std::make_unique<ResponseScript>(*other.script_);
  return *this;
}
Builder& Builder::operator=(Builder&&) noexcept = default;
Builder::~Builder() = default;

Builder& Builder::code(int code) {
  if (code < 100 || code > 999) {
    throw std::invalid_argument("a status code has three digits, not " + std::to_string(code));
  }
  script_->code = code;
  return *this;
}

Builder& Builder::reason(std::string_view phrase) {
  script_->reason = std::string(phrase);
  return *this;
}

Builder& Builder::status(std::string_view line) {
  script_->status_line = std::string(line);
  return *this;
}

Builder& Builder::headers(const Headers& headers) {
  script_->headers = headers.new_builder();
  script_->has_length_by_default = !headers.contains("Content-Length") && !headers.contains("Transfer-Encoding");
  return *this;
}

Builder& Builder::add_header(std::string_view name, std::string_view value) {
  script_->headers.add(name, value);
  if (describes_length(name)) script_->has_length_by_default = false;
  return *this;
}

Builder& Builder::set_header(std::string_view name, std::string_view value) {
  script_->headers.set(name, value);
  if (describes_length(name)) script_->has_length_by_default = false;
  return *this;
}

Builder& Builder::remove_header(std::string_view name) {
  script_->headers.remove_all(name);
  if (describes_length(name)) script_->has_length_by_default = false;
  return *this;
}

Builder& Builder::add_informational(int code, const Headers& headers) {
  if (code < 100 || code > 199) {
    throw std::invalid_argument("an informational response has a code from 100 to 199, not " + std::to_string(code));
  }
  script_->informational.emplace_back(code, headers);
  return *this;
}

Builder& Builder::continue_rule(ContinueRule rule) {
  script_->continue_rule = rule;
  return *this;
}

Builder& Builder::body(std::string_view bytes) {
  script_->body = internal::ScriptedBody();
  script_->body.bytes = std::make_shared<const std::string>(bytes);
  script_->body.size = bytes.size();
  script_->is_raw = false;
  remove_header("Transfer-Encoding");
  return set_header("Content-Length", std::to_string(bytes.size()));
}

Builder& Builder::body(const std::vector<std::byte>& bytes) {
  return body(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Builder& Builder::generated_body(std::uint64_t size) {
  script_->body = internal::ScriptedBody();
  script_->body.size = size;
  script_->is_raw = false;
  remove_header("Transfer-Encoding");
  return set_header("Content-Length", std::to_string(size));
}

char Builder::generated_byte(std::uint64_t offset) noexcept { return kAlphabet[offset % kAlphabet.size()]; }

Builder& Builder::chunked_body(std::string_view bytes, std::size_t chunk_size) {
  if (chunk_size == 0) throw std::invalid_argument("a chunk has at least one byte");
  body(bytes);
  script_->body.chunk_size = chunk_size;
  remove_header("Content-Length");
  return set_header("Transfer-Encoding", "chunked");
}

Builder& Builder::generated_chunked_body(std::uint64_t size, std::size_t chunk_size) {
  if (chunk_size == 0) throw std::invalid_argument("a chunk has at least one byte");
  generated_body(size);
  script_->body.chunk_size = chunk_size;
  remove_header("Content-Length");
  return set_header("Transfer-Encoding", "chunked");
}

Builder& Builder::body_until_close(std::string_view bytes) { return body(bytes).remove_header("Content-Length"); }

Builder& Builder::trailers(const Headers& trailers) {
  script_->trailers = trailers;
  return *this;
}

Builder& Builder::raw(std::string_view bytes) {
  body(bytes);
  script_->is_raw = true;
  return *this;
}

Builder& Builder::header_delay(std::chrono::milliseconds delay) {
  script_->header_delay = delay;
  return *this;
}

Builder& Builder::body_delay(std::chrono::milliseconds delay) {
  script_->body_delay = delay;
  return *this;
}

Builder& Builder::trailers_delay(std::chrono::milliseconds delay) {
  script_->trailers_delay = delay;
  return *this;
}

Builder& Builder::throttle_body(std::uint64_t bytes_per_period, std::chrono::milliseconds period) {
  script_->throttle.bytes = bytes_per_period;
  script_->throttle.period = period;
  return *this;
}

Builder& Builder::throttle_request_body(std::uint64_t bytes_per_period, std::chrono::milliseconds period) {
  script_->request_throttle.bytes = bytes_per_period;
  script_->request_throttle.period = period;
  return *this;
}

Builder& Builder::on_request_start(SocketEffect effect) {
  script_->on_request_start = effect;
  return *this;
}

Builder& Builder::on_request_body(SocketEffect effect) {
  script_->on_request_body = effect;
  return *this;
}

Builder& Builder::on_response_start(SocketEffect effect) {
  script_->on_response_start = effect;
  return *this;
}

Builder& Builder::on_response_body(SocketEffect effect) {
  script_->on_response_body = effect;
  return *this;
}

Builder& Builder::on_response_end(SocketEffect effect) {
  script_->on_response_end = effect;
  return *this;
}

Builder& Builder::disconnect_after(std::uint64_t bytes) {
  script_->disconnect_after = bytes;
  return *this;
}

Builder& Builder::fail_handshake(bool fail) {
  script_->fail_handshake = fail;
  return *this;
}

Builder& Builder::answer_before_body(bool early) {
  script_->answer_before_body = early;
  return *this;
}

Builder& Builder::in_tunnel(bool tunnel) {
  script_->in_tunnel = tunnel;
  return remove_header("Content-Length");
}

Builder& Builder::upgrade(std::string_view protocol, UpgradeHandler handler) {
  script_->upgrade = std::move(handler);
  code(101);
  set_header("Connection", "Upgrade");
  return set_header("Upgrade", protocol);
}

Builder& Builder::take_over(UpgradeHandler handler) {
  script_->take_over = std::move(handler);
  return *this;
}

Builder& Builder::duplex(DuplexHandler handler) {
  script_->duplex = std::move(handler);
  script_->answer_before_body = true;
  return remove_header("Content-Length");
}

MockResponse Builder::build() const {
  auto script = std::make_shared<ResponseScript>(*script_);
  if (!script->trailers.empty() && script->body.chunk_size == 0 && script->duplex == nullptr) {
    throw std::logic_error("trailers follow a chunked or a duplex body only");
  }
  if (script->has_length_by_default && !is_bodyless(script->code)) script->headers.add("Content-Length", "0");
  return MockResponse(std::shared_ptr<const ResponseScript>(std::move(script)));
}

}  // namespace okhttp
