#include "okcurl/transfer_watch.hpp"

#include <okhttp/connection_info.hpp>
#include <okhttp/proxy.hpp>

namespace okcurl {

TransferWatch::~TransferWatch() { stop(); }

bool TransferWatch::connecting_took_too_long() const {
  const std::lock_guard lock(mutex_);
  return is_expired_;
}

void TransferWatch::call_start(const okhttp::Call& call) {
  stop();
  phase_ = Phase::connecting;
  sending_failed_ = false;
  const std::lock_guard lock(mutex_);
  is_expired_ = false;
  if (connect_timeout_.count() == 0) return;
  is_waiting_ = true;
  timer_ = std::thread([this, call] { wait_and_cancel(call); });
}

void TransferWatch::proxy_select_end(const okhttp::Call&, const okhttp::Url&, const std::vector<okhttp::Proxy>& proxies,
                                     const okhttp::Error* error) {
  proxy_host_.clear();
  if (error != nullptr) {
    via_ = Via::proxy_name;
  } else if (!proxies.empty()) {
    proxy_host_ = proxies.front().host();
    if (proxies.front().is_socks()) via_ = Via::socks;
  }
}

void TransferWatch::dns_end(const okhttp::Call&, std::string_view host, const std::vector<okhttp::IpAddress>&,
                            const okhttp::Error* error) {
  if (error != nullptr && host == proxy_host_) via_ = Via::proxy_name;
}

void TransferWatch::connection_acquired(const okhttp::Call&, const okhttp::ConnectionInfo& connection) {
  sending_failed_ = false;
  protocol_ = connection.protocol();
  const std::lock_guard lock(mutex_);
  is_waiting_ = false;
  changed_.notify_all();
}

void TransferWatch::response_headers_start(const okhttp::Call&) {
  // After a failure to send, an answer is looked for all the same.
  if (!sending_failed_) phase_ = Phase::awaiting_response;
}

void TransferWatch::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_waiting_ = false;
    changed_.notify_all();
  }
  if (timer_.joinable()) timer_.join();
}

void TransferWatch::wait_and_cancel(const okhttp::Call& call) {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, connect_timeout_, [this] { return !is_waiting_; })) return;
  is_expired_ = true;
  lock.unlock();
  call.cancel();
}

}  // namespace okcurl
