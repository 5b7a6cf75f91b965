#pragma once

#include <okhttp/event_listener.hpp>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace demo {

/// Writes down what happens to one call, and when.
class Timeline final : public okhttp::EventListener {
 public:
  struct Entry {
    double milliseconds;  // since the call was made
    std::string text;
  };

  [[nodiscard]] std::vector<Entry> entries() const;
  /// The connection of the last exchange; 0 when there was none.
  [[nodiscard]] std::uint64_t connection_id() const;
  /// True when a connection was made for this call.
  [[nodiscard]] bool has_connected() const;

  void call_start(const okhttp::Call&) override;
  void dispatcher_queue_start(const okhttp::Call&) override;
  void dispatcher_queue_end(const okhttp::Call&) override;
  void dns_start(const okhttp::Call&, std::string_view host) override;
  void dns_end(const okhttp::Call&, std::string_view host, const std::vector<okhttp::IpAddress>& addresses,
               const okhttp::Error* error) override;
  void connect_start(const okhttp::Call&, AttemptId, const okhttp::Endpoint& to) override;
  void secure_connect_start(const okhttp::Call&, AttemptId) override;
  void secure_connect_end(const okhttp::Call&, AttemptId, const okhttp::Handshake* handshake,
                          const okhttp::Error* error) override;
  void connect_end(const okhttp::Call&, AttemptId, const okhttp::Endpoint&, okhttp::Protocol protocol) override;
  void connect_failed(const okhttp::Call&, AttemptId, const okhttp::Endpoint&, const okhttp::Error& error) override;
  void connection_wait_start(const okhttp::Call&) override;
  void connection_wait_end(const okhttp::Call&, const okhttp::Error* error) override;
  void connection_acquired(const okhttp::Call&, const okhttp::ConnectionInfo& connection) override;
  void connection_released(const okhttp::Call&, const okhttp::ConnectionInfo&) override;
  void request_headers_start(const okhttp::Call&) override;
  void request_headers_end(const okhttp::Call&, const okhttp::Request& request) override;
  void request_body_end(const okhttp::Call&, std::uint64_t bytes) override;
  void request_failed(const okhttp::Call&, const okhttp::Error& error) override;
  void response_headers_start(const okhttp::Call&) override;
  void response_headers_end(const okhttp::Call&, const okhttp::Response& response) override;
  void response_body_end(const okhttp::Call&, std::uint64_t bytes) override;
  void response_failed(const okhttp::Call&, const okhttp::Error& error) override;
  void follow_up_decision(const okhttp::Call&, const okhttp::Response&, const okhttp::Request* next) override;
  void retry_decision(const okhttp::Call&, const okhttp::Error& error, bool retry) override;
  void call_end(const okhttp::Call&) override;
  void call_failed(const okhttp::Call&, const okhttp::Error& error) override;

 private:
  using Clock = std::chrono::steady_clock;
  void add(std::string text);

  const Clock::time_point start_ = Clock::now();
  mutable std::mutex mutex_;  // the call runs on one thread and is looked at from another
  std::vector<Entry> entries_;
  std::uint64_t connection_id_ = 0;
  bool has_connected_ = false;
};

}  // namespace demo
