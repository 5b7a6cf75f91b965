#pragma once

#include <okhttp/cache.hpp>
#include <okhttp/client.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cache/cache_core.hpp"
#include "support/call_styles.hpp"
#include "support/event_log.hpp"
#include "support/protocols.hpp"

namespace okhttp {

using Fields = std::vector<std::pair<std::string, std::string>>;
using std::chrono::seconds;

inline MockResponse answer(std::string_view body, const std::string& control, const Fields& more = {}, int code = 200) {
  MockResponse::Builder builder;
  builder.code(code).body(body).set_header("Cache-Control", control);
  for (const auto& [name, value] : more) builder.set_header(name, value);
  return builder.build();
}

inline MockResponse not_modified(const Fields& fields = {}) { return MockResponse(304, Headers::of(fields)); }

/// Calls over a client with a cache, whose clock the test moves.
class CachingCalls : public ProtocolTest<CallStyle> {
 protected:
  explicit CachingCalls(const Cache& cache = Cache::in_memory(std::uint64_t{1} << 20)) : cache_(cache) {
    internal::CacheAccess::core(cache_)->set_clock(
        [later = later_] { return std::chrono::system_clock::now() + seconds(later->load()); });
    client_ = builder().cache(cache_).event_listener(log_).build();
  }

  [[nodiscard]] Response send(const Request& request) { return run(how(), client_.new_call(request)); }
  [[nodiscard]] Request request(const Fields& fields = {}, std::string_view path = "/") {
    return Request::get(server_.url(path)).new_builder().headers(Headers::of(fields)).build();
  }
  [[nodiscard]] Response get(const Fields& fields = {}, std::string_view path = "/") {
    return send(request(fields, path));
  }
  std::string text(const Fields& fields = {}, std::string_view path = "/") { return read(get(fields, path)); }
  /// The body, read to its end in the style of the test.
  [[nodiscard]] std::string read(const Response& response) {
    if (how() == CallStyle::blocking) return response.body().string();
    return sync_wait(response.body().async().string());
  }
  void pass(seconds time) { *later_ += time.count(); }
  /// The cache events since the last time.
  std::string events() {
    std::string found;
    std::string all = log_->text();
    log_->clear();
    for (std::size_t begin = 0; begin < all.size();) {
      const std::size_t end = std::min(all.find(' ', begin), all.size());
      const std::string name = all.substr(begin, end - begin);
      if (name.starts_with("cache_") || name.starts_with("satisfaction")) found += (found.empty() ? "" : " ") + name;
      begin = end + 1;
    }
    return found;
  }

  const std::shared_ptr<EventLog> log_ = std::make_shared<EventLog>();
  const Cache cache_;
  // Shared with what a call that was given up left behind: that asks the cache to the end, and may outlive the test.
  const std::shared_ptr<std::atomic<long>> later_ = std::make_shared<std::atomic<long>>(0);
};

}  // namespace okhttp
