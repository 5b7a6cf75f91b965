#include "interceptors/follow_up.hpp"

#include <limits>
#include <string_view>
#include <utility>

#include "http/ascii.hpp"
#include "http/digest.hpp"

namespace okhttp::internal {
namespace {

/// Seconds of Retry-After; what is no number of seconds counts as a long time, and so does a date.
std::optional<unsigned> retry_after(const Response& response) noexcept {
  const auto text = response.header("Retry-After");
  if (!text.has_value()) return std::nullopt;
  constexpr unsigned kLong = std::numeric_limits<unsigned>::max();
  if (text->empty()) return kLong;
  for (const char c : *text) {
    if (!is_digit(c)) return kLong;
  }
  return text->find_first_not_of('0') == std::string_view::npos ? 0 : kLong;
}

bool prior_was(const Response& response, int code) noexcept {
  return response.prior_response() != nullptr && response.prior_response()->code() == code;
}

/// RFC 9110 §15.4: what becomes of the method. 307 and 308 keep it; the others make GET of it, as every browser does,
/// except where that would ask something else.
bool becomes_get(int code, std::string_view method) noexcept {
  if (code == 307 || code == 308) return false;
  if (method == "GET" || method == "HEAD" || method == "PROPFIND") return false;
  // RFC 9110 §15.4.4: 303 leads to the result of a query, the other codes to where the query is answered.
  if (method == "QUERY") return code == 303;
  return true;
}

std::optional<Url> target(const Response& response, const FollowUpPolicy& policy) {
  const auto location = response.header("Location");
  if (!location.has_value()) return std::nullopt;
  const Url& from = response.request().url();
  std::optional<Url> to = from.resolve(*location);
  if (!to.has_value() || (to->scheme() != "http" && to->scheme() != "https")) return std::nullopt;
  if (to->scheme() != from.scheme() && !policy.follow_ssl_redirects) return std::nullopt;
  // RFC 9110 §10.2.2: a redirection without a fragment inherits that of the reference it answers.
  if (!to->encoded_fragment().has_value() && from.encoded_fragment().has_value()) {
    to = to->new_builder().encoded_fragment(from.encoded_fragment()).build();
  }
  return to;
}

std::optional<Request> redirect(const Response& response, const FollowUpPolicy& policy) {
  if (!policy.follow_redirects) return std::nullopt;
  std::optional<Url> to = target(response, policy);
  if (!to.has_value()) return std::nullopt;
  Request next = move_to(response.request(), std::move(*to), policy);
  // What was computed for one request alone would be refused with any other.
  const auto shown = next.header("Authorization");
  if (shown.has_value() && is_for_one_request(*shown)) next = next.new_builder().remove_header("Authorization").build();
  if (!becomes_get(response.code(), next.method())) return next;
  return next.new_builder()
      .get()
      .remove_header("Transfer-Encoding")
      .remove_header("Content-Length")
      .remove_header("Content-Type")
      .build();
}

/// 408: the server gave up waiting for the request, so it was not processed. Some close idle connections that way.
std::optional<Request> after_request_timeout(const Response& response, const FollowUpPolicy& policy) {
  if (!policy.retry_on_connection_failure || prior_was(response, 408)) return std::nullopt;
  if (retry_after(response).value_or(0) > 0) return std::nullopt;
  return response.request();
}

/// 503: only when the server itself says "again, at once".
std::optional<Request> after_unavailable(const Response& response) {
  if (prior_was(response, 503) || retry_after(response) != 0U) return std::nullopt;
  return response.request();
}

std::optional<Request> any_follow_up(const Response& response, const FollowUpPolicy& policy,
                                     const ConnectionFacts& facts) {
  switch (response.code()) {
    case 300:
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return redirect(response, policy);
    case 401:
      if (facts.answer != nullptr) return *facts.answer;
      return std::nullopt;
    case 407:
      // The answer is added where the request is written, for that proxy alone. A 407 of anybody else is the caller's.
      if (facts.answers_proxy) return response.request();
      return std::nullopt;
    case 408:
      return after_request_timeout(response, policy);
    case 421:
      // RFC 9110 §15.5.20: the same request on a connection of its own.
      if (facts.is_coalesced) return response.request();
      return std::nullopt;
    case 503:
      return after_unavailable(response);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Request> follow_up(const Response& response, const FollowUpPolicy& policy, const ConnectionFacts& facts) {
  std::optional<Request> next = any_follow_up(response, policy, facts);
  if (next.has_value() && !can_be_repeated(*next)) return std::nullopt;
  return next;
}

bool can_be_repeated(const Request& request) noexcept {
  // What was written cannot be written again.
  const RequestBody* const body = request.body().get();
  return body == nullptr || (!body->is_one_shot() && !body->is_duplex());
}

bool same_origin(const Url& a, const Url& b) noexcept {
  return a.scheme() == b.scheme() && a.host() == b.host() && a.port() == b.port();
}

Request move_to(const Request& request, Url url, const FollowUpPolicy& policy) {
  Request::Builder next = request.new_builder();
  if (!same_origin(request.url(), url)) {
    // Host named the old origin; the others prove something to it.
    for (const char* name : {"Host", "Authorization", "Proxy-Authorization", "Cookie"}) next.remove_header(name);
    for (const std::string& name : policy.sensitive_headers) next.remove_header(name);
  }
  next.url(std::move(url)).cache_url_override(std::nullopt);
  return next.build();
}

}  // namespace okhttp::internal
