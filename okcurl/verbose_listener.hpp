#pragma once

#include <okhttp/event_listener.hpp>
#include <okhttp/proxy.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace okcurl {

/// Numbers connections in the order of their first use, as curl does. Any thread.
class ConnectionNumbers {
 public:
  struct Number {
    std::size_t value = 0;
    bool is_new = false;
  };
  [[nodiscard]] Number of(std::uint64_t connection_id);

 private:
  std::mutex mutex_;
  std::map<std::uint64_t, std::size_t> numbers_;
};

/// What -v shows: "*" for what happens, ">" for what is sent, "<" for what comes back. One for each
/// transfer; a head is written in one piece.
class VerboseListener final : public okhttp::EventListener {
 public:
  using Sink = std::function<void(std::string_view)>;
  /// `unix_socket` is what --unix-socket says, or empty. `numbers` are those of all transfers.
  VerboseListener(Sink write, bool has_colours, std::string unix_socket, std::shared_ptr<ConnectionNumbers> numbers)
      : write_(std::move(write)),
        has_colours_(has_colours),
        unix_socket_(std::move(unix_socket)),
        numbers_(std::move(numbers)) {}

  /// A line of the program's own.
  void note(std::string_view text) { line('*', text); }

  void cache_hit(const okhttp::Call&, const okhttp::Response&, okhttp::CacheReason reason) override;
  void cache_miss(const okhttp::Call&, okhttp::CacheReason reason) override;
  void cache_conditional_hit(const okhttp::Call&, const okhttp::Response&, okhttp::CacheReason reason) override;
  void satisfaction_failure(const okhttp::Call&, const okhttp::Response&, okhttp::CacheReason reason) override;
  void proxy_select_end(const okhttp::Call&, const okhttp::Url&, const std::vector<okhttp::Proxy>& proxies,
                        const okhttp::Error* error) override;
  void dns_end(const okhttp::Call&, std::string_view host, const std::vector<okhttp::IpAddress>& addresses,
               const okhttp::Error* error) override;
  void connect_start(const okhttp::Call&, AttemptId, const okhttp::Endpoint& to) override;
  void secure_connect_end(const okhttp::Call&, AttemptId, const okhttp::Handshake* handshake,
                          const okhttp::Error* error) override;
  void connect_end(const okhttp::Call&, AttemptId, const okhttp::Endpoint&, okhttp::Protocol protocol) override;
  void connect_failed(const okhttp::Call&, AttemptId, const okhttp::Endpoint& to, const okhttp::Error& error) override;
  void connection_acquired(const okhttp::Call&, const okhttp::ConnectionInfo& connection) override;
  void connection_released(const okhttp::Call&, const okhttp::ConnectionInfo& connection) override;
  void request_headers_end(const okhttp::Call&, const okhttp::Request& request) override;
  void request_body_end(const okhttp::Call&, std::uint64_t bytes) override;
  void informational(const okhttp::Call&, int code, const okhttp::Headers& headers) override;
  void response_headers_end(const okhttp::Call&, const okhttp::Response& response) override;
  void response_body_end(const okhttp::Call&, std::uint64_t bytes) override;
  void retry_decision(const okhttp::Call&, const okhttp::Error& error, bool retry) override;

 private:
  [[nodiscard]] std::string line_of(char mark, std::string_view text) const;
  void line(char mark, std::string_view text) { write_(line_of(mark, text)); }
  void head(char mark, std::string_view first, const okhttp::Headers& headers);
  [[nodiscard]] std::string text_of(const okhttp::Endpoint& endpoint) const;

  Sink write_;
  bool has_colours_;
  std::string unix_socket_;
  const std::shared_ptr<ConnectionNumbers> numbers_;
  okhttp::Protocol protocol_ = okhttp::Protocol::http_1_1;  // of the connection in use
};

}  // namespace okcurl
