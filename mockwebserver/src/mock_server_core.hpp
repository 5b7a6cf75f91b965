#pragma once

#include <okhttp/mockwebserver/mock_response.hpp>
#include <okhttp/mockwebserver/recorded_request.hpp>
#include <okhttp/task.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "detached.hpp"
#include "frame_log.hpp"
#include "mock_http2_options.hpp"
#include "peer.hpp"
#include "request_log.hpp"
#include "response_queue.hpp"
#include "runtime/loop.hpp"
#include "runtime/thread_pool.hpp"
#include "wire/tls_context.hpp"

namespace okhttp::internal {

class MockHttp2Connection;

using DispatchFunction = std::function<MockResponse(const RecordedRequest&)>;
using PeekFunction = std::function<MockResponse()>;

/// What a MockWebServer and its connections share.
///
/// Threads: the functions for the test from any thread but the loop's, those for connections on the loop's.
class MockServerCore final : public std::enable_shared_from_this<MockServerCore> {
 public:
  MockServerCore();

  // For the test.

  void enqueue(MockResponse response) { queue_.add(std::move(response)); }
  void set_dispatcher(DispatchFunction dispatch, PeekFunction peek);
  void set_body_limit(std::uint64_t bytes);
  /// Which protocols are spoken: by ALPN, and in clear text. Throws std::invalid_argument for a list of no use.
  void set_protocols(std::vector<Protocol> protocols);
  /// Changes how HTTP/2 connections behave, those that are open included; `announces` says that settings changed.
  void configure_http2(const std::function<void(MockHttp2Options&)>& change, bool announces);
  /// Changes what connections accepted from now on are offered.
  void configure_tls(const std::function<void(TlsServerConfig&)>& change);

  void start(std::vector<IpAddress> addresses, std::uint16_t port);
  void start_if_new();
  void close();
  void restart();
  void close_idle_connections();

  [[nodiscard]] Endpoint endpoint() const;
  [[nodiscard]] bool has_tls() const;
  [[nodiscard]] RequestLog& log() noexcept { return log_; }
  [[nodiscard]] FrameLog& frames() noexcept { return frames_; }
  [[nodiscard]] std::size_t connection_count() const;
  [[nodiscard]] std::size_t open_connection_count() const;
  [[nodiscard]] std::size_t queued_response_count() const { return queue_.size(); }

  // For connections.

  [[nodiscard]] std::uint64_t body_limit() const;
  [[nodiscard]] std::shared_ptr<const TlsContext> tls() const;
  /// True when every connection in clear text is HTTP/2.
  [[nodiscard]] bool has_prior_knowledge() const;
  [[nodiscard]] MockHttp2Options http2_options() const;
  void add(MockHttp2Connection& connection) { http2_connections_.insert(&connection); }
  void remove(MockHttp2Connection& connection) noexcept { http2_connections_.erase(&connection); }
  /// The response for the exchange that begins, if it is known already.
  [[nodiscard]] std::optional<Reservation> reserve();
  /// The same for a connection that was just accepted: only a response that acts before there is a request.
  [[nodiscard]] std::optional<Reservation> reserve_for_accept();
  /// The next response if it takes over the connection that begins.
  [[nodiscard]] std::optional<MockResponse> take_over();
  /// Gives back what was reserved and not used.
  void put_back(Reservation reservation);
  void record(RecordedRequest request) { log_.add(std::move(request)); }
  void record(RecordedFrame frame) { frames_.add(std::move(frame)); }
  /// What to answer: `reserved`, if it holds, else the dispatcher's answer or the queue's next, waiting for it.
  Task<MockResponse> response_for(Engine& engine, WaitTerms terms, const RecordedRequest& request,
                                  std::optional<Reservation> reserved);

 private:
  struct Script {
    DispatchFunction dispatch;
    PeekFunction peek;
  };

  [[nodiscard]] std::shared_ptr<const Script> script() const;
  void listen(std::uint16_t port);
  [[nodiscard]] std::vector<std::unique_ptr<Listener>> open_listeners(std::uint16_t port);
  Task<MockResponse> dispatch(Engine& engine, WaitTerms terms, std::shared_ptr<const Script> script,
                              RecordedRequest request);
  Task<MockResponse> next_in_queue(Engine& engine, WaitTerms terms);

  static DetachedConnection accept_connections(std::shared_ptr<MockServerCore> core, std::unique_ptr<Listener> listener,
                                               std::shared_ptr<Cancellation> stop);
  static DetachedConnection run_connection(std::shared_ptr<MockServerCore> core, std::unique_ptr<Socket> socket,
                                           std::size_t index);
  void begin_connection(std::unique_ptr<Socket> socket);
  void activity_began();
  void activity_ended();

  ResponseQueue queue_;
  RequestLog log_;
  FrameLog frames_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable quiet_;
  std::shared_ptr<const Script> script_;
  TlsServerConfig tls_config_;
  std::shared_ptr<const TlsContext> tls_;
  bool has_prior_knowledge_ = false;
  MockHttp2Options http2_options_;
  std::uint64_t body_limit_ = std::uint64_t{64} * 1024 * 1024;
  std::shared_ptr<Loop> loop_;
  std::shared_ptr<ThreadPool> dispatch_thread_;
  std::vector<IpAddress> addresses_;  // where it listens; empty before start
  Endpoint endpoint_;
  bool is_running_ = false;
  std::size_t activities_ = 0;  // acceptors, connections and running dispatchers
  std::size_t accepted_ = 0;
  std::unordered_set<std::size_t> open_;  // connections, by their index

  // On the loop.
  std::unordered_set<Peer*> peers_;
  std::unordered_set<MockHttp2Connection*> http2_connections_;
  std::shared_ptr<Cancellation> stop_accepting_;
};

}  // namespace okhttp::internal
