#pragma once

#include <okhttp/cache_store.hpp>
#include <okhttp/http_date.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cache/cache_key.hpp"
#include "cache/cache_strategy.hpp"

namespace okhttp::internal {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// The moment at which tests have responses come in.
inline const WallTime kReceived = *parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");

inline std::string date(Seconds after) { return format_http_date(kReceived + after); }

/// A stored response to GET http://example.com/, with a Date of kReceived unless the fields have one.
inline CacheStore::Found stored(const Fields& fields, int code = 200, const Fields& request_fields = {},
                                CacheStore::EntryId id = 1) {
  auto head = std::make_shared<CachedResponse>();
  head->code = code;
  head->headers = Headers::of(fields);
  if (!head->headers.contains("Date"))
    head->headers = head->headers.new_builder().set("Date", date(Seconds(0))).build();
  head->sent_request_at = kReceived;
  head->received_response_at = kReceived;
  const Request request =
      Request::get("http://example.com/").new_builder().headers(Headers::of(request_fields)).build();
  head->variant = variant_of(request, head->headers);
  return CacheStore::Found(id, 10, std::move(head));
}

inline Request get(const Fields& fields = {}, const std::string& url = "http://example.com/") {
  return Request::get(url).new_builder().headers(Headers::of(fields)).build();
}

inline Response response(int code, const Fields& fields, const Request& request = get()) {
  return Response::Builder().request(request).code(code).headers(Headers::of(fields)).build();
}

/// What is decided `after` the response came in.
inline CacheStrategy decide(const Request& request, const std::vector<CacheStore::Found>& candidates,
                            Seconds after = Seconds(0)) {
  return CacheStrategy::decide(request, candidates, kReceived + after);
}

}  // namespace okhttp::internal
