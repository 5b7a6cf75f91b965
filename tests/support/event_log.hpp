#pragma once

#include <okhttp/event_listener.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace okhttp {

/// Writes down the events of all its calls, by name. Safe from any thread.
class EventLog final : public EventListener {
 public:
  /// The names so far, in order, separated by spaces; connecting and resolving are left out.
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const std::string& name : names_) all += (all.empty() ? "" : " ") + name;
    return all;
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    names_.clear();
    ended_ = 0;
  }
  /// Waits until `calls` calls have ended since clear(): a drained body ends its call on the loop.
  void wait_for_end(unsigned calls = 1) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return ended_ >= calls; });
  }

  void call_start(const Call&) override { note("call_start"); }
  void dispatcher_queue_start(const Call&) override { note("queue_start"); }
  void dispatcher_queue_end(const Call&) override { note("queue_end"); }
  void cache_hit(const Call&, const Response&, CacheReason reason) override { note(with("cache_hit", reason)); }
  void cache_miss(const Call&, CacheReason reason) override { note(with("cache_miss", reason)); }
  void cache_conditional_hit(const Call&, const Response&, CacheReason reason) override {
    note(with("cache_conditional_hit", reason));
  }
  void satisfaction_failure(const Call&, const Response&, CacheReason reason) override {
    note(with("satisfaction_failure", reason));
  }
  void connection_wait_start(const Call&) override { note("wait_start"); }
  void connection_wait_end(const Call&, const Error* error) override {
    note(error == nullptr ? "wait_end" : "wait_failed(" + std::string(to_string(error->errc())) + ")");
  }
  void connection_acquired(const Call&, const ConnectionInfo&) override { note("acquired"); }
  void connection_released(const Call&, const ConnectionInfo&) override { note("released"); }
  void request_headers_start(const Call&) override { note("request_headers_start"); }
  void request_headers_end(const Call&, const Request&) override { note("request_headers_end"); }
  void request_body_start(const Call&) override { note("request_body_start"); }
  void request_body_end(const Call&, std::uint64_t bytes) override {
    note("request_body_end(" + std::to_string(bytes) + ")");
  }
  void request_failed(const Call&, const Error&) override { note("request_failed"); }
  void response_headers_start(const Call&) override { note("response_headers_start"); }
  void response_headers_end(const Call&, const Response& response) override {
    note("response_headers_end(" + std::to_string(response.code()) + ")");
  }
  void informational(const Call&, int code, const Headers&) override {
    note("informational(" + std::to_string(code) + ")");
  }
  void response_body_start(const Call&) override { note("response_body_start"); }
  void response_body_end(const Call&, std::uint64_t bytes) override {
    note("response_body_end(" + std::to_string(bytes) + ")");
  }
  void response_failed(const Call&, const Error& error) override {
    note("response_failed(" + std::string(to_string(error.errc())) + ")");
  }
  void follow_up_decision(const Call&, const Response& response, const Request* next) override {
    note("follow_up(" + std::to_string(response.code()) + (next != nullptr ? ",yes)" : ",no)"));
  }
  void retry_decision(const Call&, const Error&, bool retry) override { note(retry ? "retry(yes)" : "retry(no)"); }
  void call_end(const Call&) override { end("call_end"); }
  void call_failed(const Call&, const Error& error) override {
    end("call_failed(" + std::string(to_string(error.errc())) + ")");
  }
  void canceled(const Call&) override { note("canceled"); }

 private:
  [[nodiscard]] static std::string with(const char* event, CacheReason reason) {
    return event + ("(" + std::string(to_string(reason)) + ")");
  }
  void note(std::string name) {
    const std::lock_guard lock(mutex_);
    names_.push_back(std::move(name));
  }
  void end(std::string name) {
    const std::lock_guard lock(mutex_);
    names_.push_back(std::move(name));
    ++ended_;
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> names_;
  unsigned ended_ = 0;
};

}  // namespace okhttp
