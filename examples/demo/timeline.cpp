#include "timeline.hpp"

#include <okhttp/okhttp.hpp>

#include <utility>

namespace demo {

using okhttp::Call;
using okhttp::Error;

std::vector<Timeline::Entry> Timeline::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

std::uint64_t Timeline::connection_id() const {
  const std::lock_guard lock(mutex_);
  return connection_id_;
}

bool Timeline::has_connected() const {
  const std::lock_guard lock(mutex_);
  return has_connected_;
}

void Timeline::add(std::string text) {
  const std::chrono::duration<double, std::milli> since = Clock::now() - start_;
  const std::lock_guard lock(mutex_);
  entries_.push_back(Entry{since.count(), std::move(text)});
}

void Timeline::call_start(const Call& call) {
  add("call_start             " + call.request().method() + ' ' + call.request().url().redact());
}
void Timeline::dispatcher_queue_start(const Call&) { add("dispatcher_queue_start"); }
void Timeline::dispatcher_queue_end(const Call&) { add("dispatcher_queue_end"); }
void Timeline::dns_start(const Call&, std::string_view host) { add("dns_start              " + std::string(host)); }

void Timeline::dns_end(const Call&, std::string_view, const std::vector<okhttp::IpAddress>& addresses,
                       const Error* error) {
  std::string text = "dns_end               ";
  for (const okhttp::IpAddress& address : addresses) text += ' ' + address.to_string();
  add(error != nullptr ? text + ' ' + error->what() : text);
}

void Timeline::connect_start(const Call&, AttemptId, const okhttp::Endpoint& to) {
  add("connect_start          " + to.to_string());
}
void Timeline::secure_connect_start(const Call&, AttemptId) { add("secure_connect_start"); }

void Timeline::secure_connect_end(const Call&, AttemptId, const okhttp::Handshake* handshake, const Error* error) {
  std::string text = "secure_connect_end     ";
  if (handshake != nullptr) text += std::string(to_string(handshake->tls_version())) + ' ' + handshake->cipher_suite();
  add(error != nullptr ? text + error->what() : text);
}

void Timeline::connect_end(const Call&, AttemptId, const okhttp::Endpoint&, okhttp::Protocol protocol) {
  add("connect_end            " + std::string(to_string(protocol)));
  const std::lock_guard lock(mutex_);
  has_connected_ = true;
}

void Timeline::connect_failed(const Call&, AttemptId, const okhttp::Endpoint&, const Error& error) {
  add(std::string("connect_failed         ") + error.what());
}

void Timeline::connection_wait_start(const Call&) { add("connection_wait_start"); }
void Timeline::connection_wait_end(const Call&, const Error* error) {
  add(error != nullptr ? std::string("connection_wait_end    ") + error->what() : "connection_wait_end");
}

void Timeline::connection_acquired(const Call&, const okhttp::ConnectionInfo& connection) {
  add("connection_acquired    #" + std::to_string(connection.id()) + " to " + connection.peer().to_string());
  const std::lock_guard lock(mutex_);
  connection_id_ = connection.id();
}

void Timeline::connection_released(const Call&, const okhttp::ConnectionInfo&) { add("connection_released"); }
void Timeline::request_headers_start(const Call&) { add("request_headers_start"); }
void Timeline::request_headers_end(const Call&, const okhttp::Request& request) {
  add("request_headers_end    " + std::to_string(request.headers().size()) + " headers");
}
void Timeline::request_body_end(const Call&, std::uint64_t bytes) {
  add("request_body_end       " + std::to_string(bytes) + " bytes");
}
void Timeline::request_failed(const Call&, const Error& error) {
  add(std::string("request_failed         ") + error.what());
}
void Timeline::response_headers_start(const Call&) { add("response_headers_start"); }
void Timeline::response_headers_end(const Call&, const okhttp::Response& response) {
  add("response_headers_end   " + std::to_string(response.code()) + ' ' + response.message());
}
void Timeline::response_body_end(const Call&, std::uint64_t bytes) {
  add("response_body_end      " + std::to_string(bytes) + " bytes");
}
void Timeline::response_failed(const Call&, const Error& error) {
  add(std::string("response_failed        ") + error.what());
}
void Timeline::follow_up_decision(const Call&, const okhttp::Response&, const okhttp::Request* next) {
  if (next != nullptr) add("follow_up_decision     on to " + std::string(next->url().encoded_path()));
}
void Timeline::retry_decision(const Call&, const Error& error, bool retry) {
  add(std::string("retry_decision         ") + (retry ? "again: " : "give up: ") + error.what());
}
void Timeline::call_end(const Call&) { add("call_end"); }
void Timeline::call_failed(const Call&, const Error& error) {
  add(std::string("call_failed            ") + error.what());
}

}  // namespace demo
