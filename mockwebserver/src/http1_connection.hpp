#pragma once

#include <okhttp/mockwebserver/mock_response.hpp>
#include <okhttp/mockwebserver/recorded_request.hpp>
#include <okhttp/task.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/http1/body_framing.hpp"
#include "mock_server_core.hpp"
#include "peer.hpp"
#include "response_script.hpp"

namespace okhttp::internal {

/// The exchanges of one HTTP/1.1 connection, one after another. On the server's loop; core and peer must outlive it.
class Http1Connection {
 public:
  Http1Connection(MockServerCore& core, Peer& peer) noexcept : core_(core), peer_(peer) {}

  enum class Outcome : std::uint8_t {
    finished,  // the connection is to be closed
    tunnel,    // CONNECT was granted: what follows is a new conversation
  };
  /// Throws PeerGone when the connection can do no more.
  Task<Outcome> serve();

 private:
  enum class Next : std::uint8_t { exchange, close, tunnel };

  Task<bool> await_request();
  Task<Next> serve_exchange();

  // These three say false when the connection is over by what they did.
  Task<bool> begin_exchange();
  Task<bool> read_head();
  Task<bool> read_body();
  Task<bool> read_sized_body(std::uint64_t length);
  Task<bool> read_chunked_body();
  Task<void> refuse(std::string failure);
  Task<void> send_continue();
  Task<void> keep_pace(std::uint64_t read);
  Task<bool> apply_to_request(SocketEffect effect, std::string where);

  Task<Next> answer(const MockResponse& response);
  [[nodiscard]] bool persists_after(const ResponseScript& script) const;

  [[nodiscard]] const ResponseScript* foreseen() const noexcept;
  [[nodiscard]] std::uint64_t readable_at_once() const noexcept;
  void store(std::string_view body);
  [[nodiscard]] std::optional<Url> requested_url() const;
  /// Records the request as it is by now, once.
  RecordedRequest record(std::string failure);
  void abandon_exchange(const std::string& failure);

  MockServerCore& core_;
  Peer& peer_;

  // Of the exchange in progress.
  std::optional<Reservation> reserved_;
  RecordedRequest::Data request_;
  BodyFraming framing_;
  bool is_recorded_ = false;
  bool has_read_body_ = false;
  std::uint64_t pace_left_ = 0;  // bytes to read before the next pause
};

}  // namespace okhttp::internal
