#pragma once

#include <okhttp/mockwebserver/mock_response.hpp>
#include <okhttp/mockwebserver/socket_effect.hpp>
#include <okhttp/task.hpp>

#include <string>

#include "exchange_record.hpp"
#include "mock_http2_stream.hpp"
#include "mock_server_core.hpp"
#include "peer.hpp"

namespace okhttp::internal {

/// The exchange of one HTTP/2 stream. On the server's loop; all three must outlive it.
class MockHttp2Exchange {
 public:
  MockHttp2Exchange(MockServerCore& core, Peer& peer, MockHttp2Stream& stream) noexcept
      : core_(core), stream_(stream), record_(core, peer) {}

  /// Reads the request, records it and answers as the script says. Throws nothing.
  Task<void> serve();

 private:
  Task<void> serve_exchange();

  // These two say false when the exchange is over by what they did.
  Task<bool> begin();
  Task<bool> read_body();

  void read_head();
  Task<bool> apply_to_request(SocketEffect effect, std::string where);
  Task<void> answer(const MockResponse& response, const RecordedRequest& request);

  MockServerCore& core_;
  MockHttp2Stream& stream_;
  ExchangeRecord record_;
};

}  // namespace okhttp::internal
