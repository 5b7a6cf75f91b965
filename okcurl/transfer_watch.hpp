#pragma once

#include <okhttp/call.hpp>
#include <okhttp/event_listener.hpp>
#include <okhttp/protocol.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "okcurl/exit_code.hpp"

namespace okcurl {

/// Knows how far the exchange under way has come, and cancels a call that is not connected in time.
///
/// --connect-timeout bounds names, TCP and TLS together, which no timeout of the library does.
class TransferWatch final : public okhttp::EventListener {
 public:
  /// 0 means that connecting may take for ever.
  explicit TransferWatch(std::chrono::milliseconds connect_timeout) : connect_timeout_(connect_timeout) {}
  ~TransferWatch() override;

  [[nodiscard]] Phase phase() const noexcept { return phase_; }
  [[nodiscard]] Via via() const noexcept { return via_; }
  /// True when the last call was cancelled because connecting took too long.
  [[nodiscard]] bool connecting_took_too_long() const;
  /// Of the connection in use.
  [[nodiscard]] okhttp::Protocol protocol() const noexcept { return protocol_; }
  /// Who is told of 1xx answers; null for nobody.
  void on_informational(std::function<void(int, const okhttp::Headers&)> tell) { tell_ = std::move(tell); }

  void call_start(const okhttp::Call& call) override;
  void proxy_select_start(const okhttp::Call&, const okhttp::Url&) override { via_ = Via::anything; }
  void proxy_select_end(const okhttp::Call&, const okhttp::Url&, const std::vector<okhttp::Proxy>& proxies,
                        const okhttp::Error* error) override;
  void dns_end(const okhttp::Call&, std::string_view host, const std::vector<okhttp::IpAddress>&,
               const okhttp::Error* error) override;
  void connection_acquired(const okhttp::Call&, const okhttp::ConnectionInfo&) override;
  void connect_start(const okhttp::Call&, AttemptId, const okhttp::Endpoint&) override { phase_ = Phase::connecting; }
  void secure_connect_start(const okhttp::Call&, AttemptId) override { phase_ = Phase::securing; }
  void request_headers_start(const okhttp::Call&) override { phase_ = Phase::sending; }
  void response_headers_start(const okhttp::Call&) override;
  void request_failed(const okhttp::Call&, const okhttp::Error&) override { sending_failed_ = true; }
  void response_headers_end(const okhttp::Call&, const okhttp::Response&) override { phase_ = Phase::reading_body; }
  void informational(const okhttp::Call&, int code, const okhttp::Headers& headers) override {
    if (tell_) tell_(code, headers);
  }
  void call_end(const okhttp::Call&) override { stop(); }
  void call_failed(const okhttp::Call&, const okhttp::Error&) override { stop(); }

 private:
  void stop();
  void wait_and_cancel(const okhttp::Call& call);

  const std::chrono::milliseconds connect_timeout_;
  Phase phase_ = Phase::connecting;
  okhttp::Protocol protocol_ = okhttp::Protocol::http_1_1;
  bool sending_failed_ = false;
  std::string proxy_host_;  // of the last selection, empty without a proxy
  Via via_ = Via::anything;
  std::function<void(int, const okhttp::Headers&)> tell_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_waiting_ = false;
  bool is_expired_ = false;
  std::thread timer_;
};

}  // namespace okcurl
