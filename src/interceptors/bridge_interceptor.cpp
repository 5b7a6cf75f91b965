#include "interceptors/bridge_interceptor.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "http/ascii.hpp"
#include "http/user_agent.hpp"

namespace okhttp::internal {
namespace {

/// Which of the headers that matter here the application set.
struct Present {
  explicit Present(const Headers& headers) noexcept {
    for (const Headers::Field field : headers) note(field.name);
  }

  bool host = false;
  bool connection = false;
  bool accept_encoding = false;
  bool range = false;
  bool user_agent = false;

 private:
  void note(std::string_view name) noexcept {
    // The length tells most names apart.
    switch (name.size()) {
      case 4:
        host = host || equals_ignore_case_inline(name, "Host");
        break;
      case 5:
        range = range || equals_ignore_case_inline(name, "Range");
        break;
      case 10:
        connection = connection || equals_ignore_case_inline(name, "Connection");
        user_agent = user_agent || equals_ignore_case_inline(name, "User-Agent");
        break;
      case 15:
        accept_encoding = accept_encoding || equals_ignore_case_inline(name, "Accept-Encoding");
        break;
      default:
        break;
    }
  }
};

/// The headers that describe the body: what the application said of them does not count.
bool describes_body(std::string_view name, bool has_content_type) noexcept {
  switch (name.size()) {
    case 12:
      return has_content_type && equals_ignore_case_inline(name, "Content-Type");
    case 14:
      return equals_ignore_case_inline(name, "Content-Length");
    case 17:
      return equals_ignore_case_inline(name, "Transfer-Encoding");
    default:
      return false;
  }
}

void add_length(Headers::Builder& headers, const RequestBody& body) {
  const std::optional<std::uint64_t> length = body.content_length();
  if (!length.has_value()) {
    headers.add_unchecked("Transfer-Encoding", "chunked");
    return;
  }
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, *length).ptr;
  headers.add_unchecked("Content-Length", std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

/// RFC 9110 §6.4.1: where there can be content at all.
bool may_have_body(const Request& request, int code) noexcept {
  return request.method() != "HEAD" && code >= 200 && code != 204 && code != 304;
}

/// The Cookie field of these, empty when there are none. Servers refuse heads that are too large, so that one which had
/// the client send ever more cookies would shut it out (CVE-2022-32205).
std::string cookie_field(const std::vector<Cookie>& cookies) {
  constexpr std::size_t kMaxCookies = 150;
  constexpr std::size_t kMaxSize = 8190;
  std::string field;
  for (std::size_t i = 0; i < std::min(cookies.size(), kMaxCookies); ++i) {
    const std::string next = cookies[i].name_and_value();
    if (field.size() + 2 + next.size() > kMaxSize) continue;
    if (!field.empty()) field += "; ";
    field += next;
  }
  return field;
}

/// What a cache kept sets no cookies anew: `response` is the network's, null when none came.
void keep_cookies(CookieJar& jar, const Url& url, const Response* response) {
  if (response == nullptr) return;
  const std::vector<Cookie> cookies = Cookie::parse_all(url, response->headers());
  if (!cookies.empty()) jar.save_from_response(url, cookies);
}

}  // namespace

BridgeInterceptor::BridgeInterceptor(std::shared_ptr<CookieJar> jar, const ContentCodings& added)
    : jar_(std::move(jar)),
      codings_(codings_to_decode(codings_to_ask_for(added))),
      accept_encoding_(accept_encoding(codings_to_ask_for(added))) {}

Task<Response> BridgeInterceptor::run(ChainStep step) {
  const std::optional<std::shared_ptr<CookieJar>>& of_call = step.run.overrides.cookie_jar;
  const std::shared_ptr<CookieJar> jar = of_call.has_value() ? *of_call : jar_;
  Outgoing sent = outgoing(step.request, jar.get());
  Task<Response> exchange = step.proceed(std::move(sent.request), nullptr);
  Response response = co_await std::move(exchange);
  co_return incoming(step.request, sent.asked_for_codings, response, step.run.cache_tells_origin, jar.get());
}

BridgeInterceptor::Outgoing BridgeInterceptor::outgoing(const Request& request, CookieJar* jar) const {
  const Present present(request.headers());
  const RequestBody* const body = request.body().get();
  std::optional<MediaType> type;
  if (body != nullptr) type = body->content_type();

  const std::string cookies = jar != nullptr ? cookie_field(jar->load_for_request(request.url())) : std::string();

  Headers::Builder headers;
  const std::string_view host = request.url().host_header();
  headers.reserve(request.headers().size() + 7, request.headers().byte_count() + host.size() + cookies.size() + 200);
  // RFC 9110 §7.2: Host goes first.
  if (!present.host) headers.add_unchecked("Host", host);
  for (const Headers::Field field : request.headers()) {
    if (describes_body(field.name, type.has_value())) continue;
    if (!cookies.empty() && equals_ignore_case_inline(field.name, "Cookie")) continue;
    headers.add_unchecked(field.name, field.value);
  }
  if (!cookies.empty()) headers.add_unchecked("Cookie", cookies);
  if (type.has_value()) headers.add("Content-Type", type->to_string());
  if (body != nullptr) add_length(headers, *body);
  if (!present.connection) headers.add_unchecked("Connection", "Keep-Alive");
  // A range of a coded body could not be decoded.
  const bool asks_for_codings = !present.accept_encoding && !present.range;
  if (asks_for_codings) headers.add_unchecked("Accept-Encoding", accept_encoding_);
  if (!present.user_agent) headers.add_unchecked("User-Agent", user_agent());

  Request::Builder on_wire = request.new_builder();
  on_wire.headers(std::move(headers).build());
  return Outgoing(on_wire.build(), asks_for_codings);
}

Response BridgeInterceptor::incoming(const Request& request, bool asked_for_codings, const Response& response,
                                     bool tells_origin, CookieJar* jar) const {
  if (jar != nullptr) keep_cookies(*jar, request.url(), tells_origin ? response.network_response() : &response);
  Response::Builder builder = response.new_builder();
  builder.request(request);
  if (!tells_origin) builder.network_response(response);
  if (!asked_for_codings || !may_have_body(request, response.code()) || response.body().content_length() == 0) {
    return builder.build();
  }
  std::optional<ResponseBody> decoded = decode(response.headers(), response.body(), codings_);
  if (decoded.has_value()) {
    builder.remove_header("Content-Encoding").remove_header("Content-Length").body(std::move(*decoded));
  }
  return builder.build();
}

}  // namespace okhttp::internal
