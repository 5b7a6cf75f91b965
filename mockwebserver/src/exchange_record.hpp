#pragma once

#include <okhttp/mockwebserver/recorded_request.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mock_server_core.hpp"
#include "peer.hpp"
#include "response_script.hpp"

namespace okhttp::internal {

/// One exchange in progress, whatever the protocol: the response reserved for it and what was read of its request.
/// On the server's loop; core and peer must outlive it.
class ExchangeRecord {
 public:
  ExchangeRecord(MockServerCore& core, Peer& peer) noexcept : core_(core), peer_(peer) {}

  /// Begins the connection's next exchange. Tells the effect that is to happen at its start, if there is one.
  [[nodiscard]] std::optional<SocketEffect> begin();
  /// Reserves a response, unless one was reserved before.
  void reserve();
  /// What is known of the response before the request was read, or null.
  [[nodiscard]] const ResponseScript* foreseen() const noexcept;
  [[nodiscard]] std::optional<Reservation> take_reservation() noexcept;
  /// The script ended the exchange: its response is used up.
  void drop_reservation() noexcept { reserved_.reset(); }

  [[nodiscard]] RecordedRequest::Data& request() noexcept { return request_; }
  [[nodiscard]] const RecordedRequest::Data& request() const noexcept { return request_; }
  /// Whether the script says "100 Continue" to the request.
  [[nodiscard]] bool gets_continue() const noexcept;
  /// The URL of target and Host, in that scheme.
  [[nodiscard]] std::optional<Url> requested_url(std::string_view scheme) const;

  void store(std::string_view body);
  /// How much of the body the script's pace lets through now.
  [[nodiscard]] std::uint64_t readable_at_once() const noexcept;
  /// The pause to make after that much of it was read; zero for none.
  [[nodiscard]] std::chrono::milliseconds pause_after(std::uint64_t read) noexcept;

  /// Records the request as it is by now.
  RecordedRequest record(std::string failure);
  /// Records it as failed, unless it is recorded, and gives back what was reserved.
  void abandon(const std::string& failure);

 private:
  MockServerCore& core_;
  Peer& peer_;
  std::optional<Reservation> reserved_;
  RecordedRequest::Data request_;
  bool is_recorded_ = false;
  std::uint64_t pace_left_ = 0;  // bytes to read before the next pause
};

}  // namespace okhttp::internal
