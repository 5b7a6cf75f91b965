#include "exchange_record.hpp"

#include <algorithm>
#include <utility>

namespace okhttp::internal {
namespace {

bool expects_continue(const Headers& headers) noexcept {
  const std::optional<std::string_view> expect = headers.get("Expect");
  return expect.has_value() && equals_ignore_case(*expect, "100-continue");
}

}  // namespace

std::optional<SocketEffect> ExchangeRecord::begin() {
  request_ = RecordedRequest::Data();
  request_.connection_index = peer_.index();
  request_.exchange_index = peer_.next_exchange();
  request_.handshake = peer_.handshake();
  request_.server_name = peer_.server_name();
  request_.session_resumed = peer_.is_resumed();
  is_recorded_ = false;
  pace_left_ = 0;
  reserved_ = std::exchange(peer_.reserved, std::nullopt);
  if (reserved_.has_value()) return std::nullopt;  // its start was seen to when the connection was accepted
  reserve();
  return foreseen() != nullptr ? foreseen()->on_request_start : std::nullopt;
}

void ExchangeRecord::reserve() {
  if (!reserved_.has_value()) reserved_ = core_.reserve();
}

const ResponseScript* ExchangeRecord::foreseen() const noexcept {
  return reserved_.has_value() ? &reserved_->response.script() : nullptr;
}

std::optional<Reservation> ExchangeRecord::take_reservation() noexcept {
  return std::exchange(reserved_, std::nullopt);
}

bool ExchangeRecord::gets_continue() const noexcept {
  const ContinueRule rule = foreseen() != nullptr ? foreseen()->continue_rule : ContinueRule::when_expected;
  return rule == ContinueRule::always || (rule == ContinueRule::when_expected && expects_continue(request_.headers));
}

std::optional<Url> ExchangeRecord::requested_url(std::string_view scheme) const {
  const std::string& target = request_.target;
  if (!target.starts_with('/')) return Url::try_parse(target);
  const std::optional<std::string_view> host = request_.headers.get("Host");
  const std::string authority =
      host.has_value() ? std::string(*host) : peer_.stream().socket().local_endpoint().to_string();
  return Url::try_parse(std::string(scheme) + "://" + authority + target);
}

void ExchangeRecord::store(std::string_view body) {
  const std::uint64_t limit = core_.body_limit();
  if (request_.body.size() < limit) {
    request_.body +=
        body.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(body.size(), limit - request_.body.size())));
  }
  request_.body_size += body.size();
}

std::uint64_t ExchangeRecord::readable_at_once() const noexcept {
  if (foreseen() == nullptr || !foreseen()->request_throttle.is_set()) return UINT64_MAX;
  return pace_left_ > 0 ? pace_left_ : foreseen()->request_throttle.bytes;
}

std::chrono::milliseconds ExchangeRecord::pause_after(std::uint64_t read) noexcept {
  if (foreseen() == nullptr || !foreseen()->request_throttle.is_set()) return std::chrono::milliseconds::zero();
  const std::uint64_t allowed = readable_at_once();
  pace_left_ = allowed - std::min(allowed, read);
  return pace_left_ == 0 ? foreseen()->request_throttle.period : std::chrono::milliseconds::zero();
}

RecordedRequest ExchangeRecord::record(std::string failure) {
  is_recorded_ = true;
  RecordedRequest::Data data = request_;
  data.failure = std::move(failure);
  RecordedRequest recorded(std::move(data));
  core_.record(recorded);
  return recorded;
}

void ExchangeRecord::abandon(const std::string& failure) {
  if (!is_recorded_) record(failure);
  if (reserved_.has_value()) core_.put_back(std::move(*std::exchange(reserved_, std::nullopt)));
}

}  // namespace okhttp::internal
