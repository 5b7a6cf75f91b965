#include <okhttp/event_listener.hpp>

#include <utility>

namespace okhttp {
namespace {

class ComposedListener final : public EventListener {
 public:
  ComposedListener(std::shared_ptr<EventListener> first, std::shared_ptr<EventListener> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  void call_start(const Call& call) override { tell(&EventListener::call_start, call); }
  void dispatcher_queue_start(const Call& call) override { tell(&EventListener::dispatcher_queue_start, call); }
  void dispatcher_queue_end(const Call& call) override { tell(&EventListener::dispatcher_queue_end, call); }
  void cache_hit(const Call& call, const Response& response, CacheReason reason) override {
    tell(&EventListener::cache_hit, call, response, reason);
  }
  void cache_miss(const Call& call, CacheReason reason) override { tell(&EventListener::cache_miss, call, reason); }
  void cache_conditional_hit(const Call& call, const Response& stored, CacheReason reason) override {
    tell(&EventListener::cache_conditional_hit, call, stored, reason);
  }
  void satisfaction_failure(const Call& call, const Response& response, CacheReason reason) override {
    tell(&EventListener::satisfaction_failure, call, response, reason);
  }
  void proxy_select_start(const Call& call, const Url& server) override {
    tell(&EventListener::proxy_select_start, call, server);
  }
  void proxy_select_end(const Call& call, const Url& server, const std::vector<Proxy>& proxies,
                        const Error* error) override {
    tell(&EventListener::proxy_select_end, call, server, proxies, error);
  }
  void dns_start(const Call& call, std::string_view host) override { tell(&EventListener::dns_start, call, host); }
  void dns_end(const Call& call, std::string_view host, const std::vector<IpAddress>& addresses,
               const Error* error) override {
    tell(&EventListener::dns_end, call, host, addresses, error);
  }
  void connect_start(const Call& call, AttemptId attempt, const Endpoint& peer) override {
    tell(&EventListener::connect_start, call, attempt, peer);
  }
  void secure_connect_start(const Call& call, AttemptId attempt) override {
    tell(&EventListener::secure_connect_start, call, attempt);
  }
  void secure_connect_end(const Call& call, AttemptId attempt, const Handshake* handshake,
                          const Error* error) override {
    tell(&EventListener::secure_connect_end, call, attempt, handshake, error);
  }
  void connect_end(const Call& call, AttemptId attempt, const Endpoint& peer, Protocol protocol) override {
    tell(&EventListener::connect_end, call, attempt, peer, protocol);
  }
  void connect_failed(const Call& call, AttemptId attempt, const Endpoint& peer, const Error& error) override {
    tell(&EventListener::connect_failed, call, attempt, peer, error);
  }
  void connection_wait_start(const Call& call) override { tell(&EventListener::connection_wait_start, call); }
  void connection_wait_end(const Call& call, const Error* error) override {
    tell(&EventListener::connection_wait_end, call, error);
  }
  void connection_acquired(const Call& call, const ConnectionInfo& connection) override {
    tell(&EventListener::connection_acquired, call, connection);
  }
  void connection_released(const Call& call, const ConnectionInfo& connection) override {
    tell(&EventListener::connection_released, call, connection);
  }
  void request_headers_start(const Call& call) override { tell(&EventListener::request_headers_start, call); }
  void request_headers_end(const Call& call, const Request& request) override {
    tell(&EventListener::request_headers_end, call, request);
  }
  void request_body_start(const Call& call) override { tell(&EventListener::request_body_start, call); }
  void request_body_end(const Call& call, std::uint64_t bytes) override {
    tell(&EventListener::request_body_end, call, bytes);
  }
  void request_failed(const Call& call, const Error& error) override {
    tell(&EventListener::request_failed, call, error);
  }
  void response_headers_start(const Call& call) override { tell(&EventListener::response_headers_start, call); }
  void response_headers_end(const Call& call, const Response& response) override {
    tell(&EventListener::response_headers_end, call, response);
  }
  void informational(const Call& call, int code, const Headers& headers) override {
    tell(&EventListener::informational, call, code, headers);
  }
  void response_body_start(const Call& call) override { tell(&EventListener::response_body_start, call); }
  void response_body_end(const Call& call, std::uint64_t bytes) override {
    tell(&EventListener::response_body_end, call, bytes);
  }
  void response_failed(const Call& call, const Error& error) override {
    tell(&EventListener::response_failed, call, error);
  }
  void follow_up_decision(const Call& call, const Response& response, const Request* next) override {
    tell(&EventListener::follow_up_decision, call, response, next);
  }
  void retry_decision(const Call& call, const Error& error, bool retry) override {
    tell(&EventListener::retry_decision, call, error, retry);
  }
  void call_end(const Call& call) override { tell(&EventListener::call_end, call); }
  void call_failed(const Call& call, const Error& error) override { tell(&EventListener::call_failed, call, error); }
  void canceled(const Call& call) override { tell(&EventListener::canceled, call); }

 private:
  template <class... Parameters, class... Arguments>
  void tell(void (EventListener::*event)(Parameters...), const Arguments&... arguments) {
    (first_.get()->*event)(arguments...);
    (second_.get()->*event)(arguments...);
  }

  const std::shared_ptr<EventListener> first_;
  const std::shared_ptr<EventListener> second_;
};

}  // namespace

std::shared_ptr<EventListener> EventListener::compose(std::shared_ptr<EventListener> first,
                                                      std::shared_ptr<EventListener> second) {
  if (first == nullptr) return second;
  if (second == nullptr) return first;
  return std::make_shared<ComposedListener>(std::move(first), std::move(second));
}

}  // namespace okhttp
