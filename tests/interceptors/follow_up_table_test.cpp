// Every follow-up there may be: what the rules say, in words, against what is decided.

#include "interceptors/follow_up.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace okhttp::internal {
namespace {

using Words = std::vector<std::string>;

bool is_one_of(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// One sentence of the rules. The first that speaks of the code and the method holds, if all that it demands is given;
/// what no sentence allows is the caller's.
struct Sentence {
  std::vector<int> codes;
  Words methods;  // none: every method
  Words demands;
  std::string verdict;
};

const Words kLeads = {"follow_redirects", "Location leads to http or https", "follow_ssl_redirects or the same scheme"};

const std::vector<Sentence> kSentences = {
    // 307 and 308 keep method and body.
    {{307, 308}, {}, kLeads, "moved"},
    // 303: every method but GET, HEAD and PROPFIND becomes GET without body.
    {{303}, {"GET", "HEAD", "PROPFIND"}, kLeads, "moved"},
    {{303}, {}, kLeads, "moved as GET"},
    // 300, 301, 302: the same, but QUERY too keeps method and body.
    {{300, 301, 302}, {"GET", "HEAD", "PROPFIND", "QUERY"}, kLeads, "moved"},
    {{300, 301, 302}, {}, kLeads, "moved as GET"},
    // 407 asks the proxy authenticator when it came from an HTTP proxy in use.
    {{407}, {}, {"the proxy gets an answer"}, "again"},
    // 408: once more (for POST too), unless retries are off, the prior was 408, or Retry-After is above 0.
    {{408}, {}, {"retry_on_connection_failure", "another prior", "Retry-After is none or 0"}, "again"},
    // 421 on a coalesced connection: the request goes again on its own.
    {{421}, {}, {"a coalesced connection"}, "again"},
    // 503: once more only if Retry-After: 0 and the prior was not 503.
    {{503}, {}, {"Retry-After is 0", "another prior"}, "again"},
};

/// A one-shot body ends the loop, where it would have to be sent again.
const Words kSendTheBodyAgain = {"moved", "again"};

struct Place {
  std::string from;
  std::string to;  // Location; empty: none
  bool is_followable;
  bool keeps_scheme;
  bool keeps_origin;
};

const std::vector<Place> kPlaces = {
    {"https://a.example/page", "/next", true, true, true},
    {"https://a.example/page", "https://A.example:443/next", true, true, true},
    {"https://a.example/page", "https://b.example/next", true, true, false},
    {"https://a.example/page", "https://a.example:8443/next", true, true, false},
    {"https://a.example/page", "http://a.example/next", true, false, false},
    {"http://a.example/page", "https://a.example/next", true, false, false},
    {"https://a.example/page", "ftp://a.example/next", false, false, false},
    {"https://a.example/page", "", false, true, true},
};

const std::vector<int> kCodes = {200, 201, 204, 206, 300, 301, 302, 303, 304, 305, 306, 307, 308, 400, 401,
                                 403, 404, 407, 408, 410, 413, 421, 425, 426, 429, 500, 502, 503, 504, 511};
const Words kMethods = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "PROPFIND", "QUERY", "OPTIONS"};
const Words kRetryAfter = {"", "0", "00", "7", "-1", "Wed, 21 Oct 2015 07:28:00 GMT"};

/// What proves something to its origin, besides Host, which names it.
Words secrets() {
  Words names = FollowUpPolicy().sensitive_headers;
  names.insert(names.end(), {"Authorization", "Cookie", "Proxy-Authorization"});
  return names;
}
const Words kOfTheBody = {"Transfer-Encoding", "Content-Length", "Content-Type"};

enum class Body { none, repeatable, one_shot, duplex };

RequestBodyPtr make_body(Body body) {
  switch (body) {
    case Body::none:
      return nullptr;
    case Body::repeatable:
      return RequestBody::create("body");
    case Body::one_shot:
      return RequestBody::one_shot([] { return std::optional<std::string>(); });
    default:
      return RequestBody::duplex([](BodySink&) -> Task<void> { co_return; });
  }
}

std::vector<Body> bodies_of(const std::string& method) {
  if (method == "GET" || method == "HEAD") return {Body::none};
  if (method == "DELETE" || method == "OPTIONS") return {Body::none, Body::repeatable, Body::one_shot, Body::duplex};
  return {Body::repeatable, Body::one_shot, Body::duplex};  // a body is required, which may be empty
}

/// One row of the table.
struct Situation {
  int code = 200;
  std::string method;
  Body body = Body::none;
  Place place;
  std::string retry_after;
  FollowUpPolicy policy;
  bool has_same_prior = false;
  ConnectionFacts facts;

  [[nodiscard]] std::string text() const {
    std::string text = std::to_string(code) + " to " + method + ", body " + std::to_string(static_cast<int>(body));
    text += ", " + place.from + " -> " + place.to + ", Retry-After '" + retry_after + "'";
    if (!policy.follow_redirects) text += ", no redirects";
    if (!policy.follow_ssl_redirects) text += ", none between http and https";
    if (!policy.retry_on_connection_failure) text += ", no retries";
    if (has_same_prior) text += ", after the same";
    if (facts.is_coalesced) text += ", coalesced";
    if (facts.answers_proxy) text += ", proxy answered";
    return text;
  }

  [[nodiscard]] bool gives(const std::string& demand) const {
    const bool is_zero = retry_after == "0" || retry_after == "00";
    if (demand == "follow_redirects") return policy.follow_redirects;
    if (demand == "Location leads to http or https") return place.is_followable;
    if (demand == "follow_ssl_redirects or the same scheme") return policy.follow_ssl_redirects || place.keeps_scheme;
    if (demand == "the proxy gets an answer") return facts.answers_proxy;
    if (demand == "a coalesced connection") return facts.is_coalesced;
    if (demand == "retry_on_connection_failure") return policy.retry_on_connection_failure;
    if (demand == "another prior") return !has_same_prior;
    if (demand == "Retry-After is none or 0") return retry_after.empty() || is_zero;
    if (demand == "Retry-After is 0") return is_zero;
    ADD_FAILURE() << "no such demand: " << demand;
    return false;
  }

  [[nodiscard]] std::string expected() const {
    for (const Sentence& sentence : kSentences) {
      if (std::find(sentence.codes.begin(), sentence.codes.end(), code) == sentence.codes.end()) continue;
      if (!sentence.methods.empty() && !is_one_of(sentence.methods, method)) continue;
      for (const std::string& demand : sentence.demands) {
        if (!gives(demand)) return "the caller's";
      }
      const bool is_spent = body == Body::one_shot || body == Body::duplex;
      return is_spent && is_one_of(kSendTheBodyAgain, sentence.verdict) ? "the caller's" : sentence.verdict;
    }
    return "the caller's";
  }

  [[nodiscard]] Response answer(const Request& request) const {
    Response::Builder builder;
    builder.request(request).code(code);
    if (!place.to.empty()) builder.header("Location", place.to);
    if (!retry_after.empty()) builder.header("Retry-After", retry_after);
    if (has_same_prior) builder.prior_response(Response::Builder().request(request).code(code).build());
    return builder.build();
  }
};

/// What was decided, in a word of the table; what it has no word for, in others.
std::string word_for(const Situation& row, const Request& request, const std::optional<Request>& next) {
  if (!next.has_value()) return "the caller's";
  const bool is_kept = next->method() == request.method() && next->body() == request.body();
  if (next->url() == request.url()) return is_kept ? "again" : "changed";
  if (next->url() != *request.url().resolve(row.place.to)) return "at " + next->url().to_string();
  if (is_kept) return "moved";
  return next->method() == "GET" && next->body() == nullptr ? "moved as GET" : "moved as " + next->method();
}

/// Which fields it carries. Yields what is wrong with them.
std::string wrong_fields(const Situation& row, const std::string& verdict, const Request& next) {
  static const Words kSecrets = secrets();
  std::string wrong;
  const bool keeps_origin = verdict == "again" || row.place.keeps_origin;
  for (const std::string& name : kSecrets) {
    if (next.headers().contains(name) != keeps_origin) wrong += " " + name;
  }
  if (next.headers().contains("Host") != keeps_origin) wrong += " Host";
  for (const std::string& name : kOfTheBody) {
    if (next.headers().contains(name) != (verdict != "moved as GET")) wrong += " " + name;
  }
  if (next.headers().contains("Referer")) wrong += " Referer";
  if (next.header("Accept") != "text/html") wrong += " Accept";
  return wrong;
}

Request request_for(const std::string& method, Body body, const std::string& url) {
  static const Words kSecrets = secrets();
  Request::Builder builder;
  builder.url(url).method(method, make_body(body)).header("Accept", "text/html").header("Host", "virtual.example");
  for (const std::string& name : kSecrets) builder.header(name, "secret");
  // Some are set on a GET too, where they make no sense; nothing is said of dropping them then.
  for (const std::string& name : kOfTheBody) builder.header(name, name == "Content-Length" ? "4" : "chunked");
  return builder.build();
}

class FollowUpTable : public testing::TestWithParam<std::string> {
 protected:
  void check(const Situation& row, const Request& request) {
    const std::optional<Request> next = follow_up(row.answer(request), row.policy, row.facts);
    const std::string word = word_for(row, request, next);
    ++rows_[word == "the caller's" ? 0 : 1];
    if (word != row.expected()) {
      ADD_FAILURE() << row.text() << ": " << word << ", expected " << row.expected();
    } else if (next.has_value()) {
      const std::string wrong = wrong_fields(row, word, *next);
      if (!wrong.empty()) ADD_FAILURE() << row.text() << ": " << word << ", wrong fields:" << wrong;
    }
  }

  /// All that does not belong to the request.
  void check_all(Situation row, const Request& request) {
    for (const int code : kCodes) {
      row.code = code;
      for (const std::string& retry_after : kRetryAfter) {
        row.retry_after = retry_after;
        for (unsigned bits = 0; bits < 32 && !HasFailure(); ++bits) {
          row.policy.follow_redirects = (bits & 1U) != 0;
          row.policy.follow_ssl_redirects = (bits & 2U) != 0;
          row.policy.retry_on_connection_failure = (bits & 4U) != 0;
          row.has_same_prior = (bits & 8U) != 0;
          row.facts.is_coalesced = row.facts.answers_proxy = (bits & 16U) != 0;
          check(row, request);
        }
      }
    }
  }

  std::size_t rows_[2] = {0, 0};
};

INSTANTIATE_TEST_SUITE_P(Methods, FollowUpTable, testing::ValuesIn(kMethods),
                         [](const auto& test) { return test.param; });

TEST_P(FollowUpTable, IsWhatTheRulesSay) {
  for (const Body body : bodies_of(GetParam())) {
    for (const Place& place : kPlaces) {
      Situation row;
      row.method = GetParam();
      row.body = body;
      row.place = place;
      check_all(row, request_for(row.method, body, place.from));
    }
  }
  // Both happen for every method.
  EXPECT_GT(rows_[0], 1000U);
  EXPECT_GT(rows_[1], 1000U);
}

}  // namespace
}  // namespace okhttp::internal
