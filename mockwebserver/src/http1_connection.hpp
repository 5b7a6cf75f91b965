#pragma once

#include <okhttp/mockwebserver/mock_response.hpp>
#include <okhttp/mockwebserver/recorded_request.hpp>
#include <okhttp/task.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/http1/body_framing.hpp"
#include "exchange_record.hpp"
#include "mock_server_core.hpp"
#include "peer.hpp"
#include "response_script.hpp"

namespace okhttp::internal {

/// The exchanges of one HTTP/1.1 connection, one after another. On the server's loop; core and peer must outlive it.
class Http1Connection {
 public:
  Http1Connection(MockServerCore& core, Peer& peer) noexcept : core_(core), peer_(peer), exchange_(core, peer) {}

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

  MockServerCore& core_;
  Peer& peer_;

  // Of the exchange in progress.
  ExchangeRecord exchange_;
  BodyFraming framing_;
  bool has_read_body_ = false;
};

}  // namespace okhttp::internal
