#include <okhttp/media_type.hpp>
#include <okhttp/request.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "http/ascii.hpp"
#include "http/redact.hpp"
#include "http/redact_url.hpp"
#include "http/shell_quote.hpp"
#include "http/user_agent.hpp"

namespace okhttp {
namespace {

using internal::equals_ignore_case_inline;
using internal::shell_quoted;

// Linux takes no argument of 128 KiB.
constexpr std::size_t kLargestBody = std::size_t{64} << 10;
// curl announces a body that is larger than this, or of unknown size, with Expect: 100-continue.
constexpr std::uint64_t kUnannounced = std::uint64_t{1} << 20;

bool is_text(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const std::size_t length = bytes.front() == '\0' ? 0 : internal::utf8_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

/// The body as it can stand on a command line, or nothing.
std::optional<std::string_view> text_of(const RequestBody& body) {
  if (body.is_one_shot() || body.is_duplex()) return std::nullopt;
  const auto bytes = body.in_memory();
  if (!bytes.has_value() || bytes->size() > kLargestBody) return std::nullopt;
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  if (!is_text(text)) return std::nullopt;
  return text;
}

bool starts_as_url(std::string_view value) noexcept {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (equals_ignore_case_inline(value.substr(0, scheme.size()), scheme)) return true;
  }
  return false;
}

bool is_form(const std::optional<std::string>& content_type) {
  if (!content_type.has_value()) return false;
  const std::string_view essence = std::string_view(*content_type).substr(0, content_type->find(';'));
  return equals_ignore_case_inline(internal::trim_ows(essence), "application/x-www-form-urlencoded");
}

/// Writes the command, argument by argument.
class CurlCommand {
 public:
  CurlCommand(const Request& request, Secrets secrets) : request_(request), hides_(secrets == Secrets::redacted) {}

  [[nodiscard]] std::string write() {
    write_method();
    write_headers();
    if (request_.body() != nullptr) write_body(*request_.body());
    write_url();
    return std::move(command_);
  }

 private:
  void write_method() {
    const std::string& method = request_.method();
    if (method == "HEAD") {
      command_ += " -I";  // with -X HEAD curl would wait for a body
    } else if (method != (request_.body() != nullptr ? "POST" : "GET")) {
      option("-X", method);
    }
  }

  void write_headers() {
    const RequestBody* const body = request_.body().get();
    if (body != nullptr) {
      if (const auto type = body->content_type()) content_type_ = type->to_string();
    }
    const bool has_own_type = content_type_.has_value();
    for (const Headers::Field field : request_.headers()) {
      // What the client says of the body itself; see BridgeInterceptor.
      if (equals_ignore_case_inline(field.name, "Content-Length")) continue;
      if (equals_ignore_case_inline(field.name, "Transfer-Encoding")) continue;
      if (equals_ignore_case_inline(field.name, "Content-Type")) {
        if (has_own_type) continue;
        content_type_ = field.value;
      }
      header(field.name, field.value);
    }
    if (has_own_type) header("Content-Type", *content_type_);
    if (!request_.headers().contains("User-Agent")) option("-A", internal::user_agent());
    if (!request_.headers().contains("Accept")) option("-H", "Accept:");
    if (body != nullptr && !content_type_.has_value()) option("-H", "Content-Type:");
  }

  void write_body(const RequestBody& body) {
    if (const auto text = text_of(body)) {
      option("--data-raw", hides_ && is_form(content_type_) ? internal::redact_parameters(*text) : std::string(*text));
      return;
    }
    const std::optional<std::uint64_t> length = body.content_length();
    if (!length.has_value()) option("-H", "Transfer-Encoding: chunked");
    if (length.value_or(kUnannounced + 1) > kUnannounced && !request_.headers().contains("Expect")) {
      option("-H", "Expect:");
    }
    if (body.is_duplex()) command_ += request_.is_https() ? " --http2" : " --http2-prior-knowledge";
    option("--data-binary", "@request-body");
  }

  void write_url() {
    const Url& url = request_.url();
    std::string text(url.scheme());
    text += "://";
    text += url.host_header();
    text += url.request_target();
    if (text.find_first_of("[]{}") != std::string::npos) command_ += " -g";  // else these stand for several URLs
    command_ += ' ';
    command_ += shell_quoted(hides_ ? internal::redact_url(text) : text);
  }

  void header(std::string_view name, std::string_view value) {
    std::string line(name);
    // With nothing behind the colon curl would send no such field.
    line += value.empty() ? ";" : ": ";
    if (!hides_) {
      line += value;
    } else if (internal::is_sensitive_header(name)) {
      line += value.empty() ? value : internal::kRedacted;
    } else if (equals_ignore_case_inline(name, "Referer") || starts_as_url(value)) {
      line += internal::redact_url(value);
    } else {
      line += value;
    }
    option("-H", line);
  }

  void option(std::string_view name, std::string_view argument) {
    command_ += ' ';
    command_ += name;
    command_ += ' ';
    command_ += shell_quoted(argument);
  }

  const Request& request_;
  const bool hides_;
  std::optional<std::string> content_type_;  // of the body, from wherever it is known
  std::string command_ = "curl";
};

}  // namespace

std::string Request::to_curl(Secrets secrets) const { return CurlCommand(*this, secrets).write(); }

}  // namespace okhttp
