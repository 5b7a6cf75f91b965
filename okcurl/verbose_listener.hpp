#pragma once

#include <okhttp/event_listener.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace okcurl {

/// What -v shows: "*" for what happens, ">" for what is sent, "<" for what comes back.
class VerboseListener final : public okhttp::EventListener {
 public:
  using Sink = std::function<void(std::string_view)>;
  VerboseListener(Sink write, bool has_colours) : write_(std::move(write)), has_colours_(has_colours) {}

  /// A line of the program's own.
  void note(std::string_view text) { line('*', text); }

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
  void line(char mark, std::string_view text);
  void headers(char mark, const okhttp::Headers& headers);
  std::size_t number_of(const okhttp::ConnectionInfo& connection);

  Sink write_;
  bool has_colours_;
  okhttp::Protocol protocol_ = okhttp::Protocol::http_1_1;  // of the connection in use
  std::map<std::uint64_t, std::size_t> numbers_;            // of connections, in order of first use, as curl counts
};

}  // namespace okcurl
