#pragma once

#include <okhttp/mockwebserver/duplex.hpp>

#include <utility>

#include "mock_http2_stream.hpp"
#include "response_script.hpp"

namespace okhttp::internal {

/// A stream as the handler of a duplex response sees it. What it refers to must outlive it.
class MockHttp2Duplex final : public DuplexStream {
 public:
  MockHttp2Duplex(MockHttp2Stream& stream, const ResponseScript& script, RecordedRequest request) noexcept
      : stream_(stream), script_(script), request_(std::move(request)) {}

  [[nodiscard]] const RecordedRequest& request() const noexcept override { return request_; }
  Task<std::string> read_exactly(std::size_t count) override;
  Task<std::string> read_to_end() override;
  [[nodiscard]] Headers request_trailers() const override { return stream_.request_trailers(); }
  Task<void> send_head() override;
  Task<void> write(std::string bytes) override;
  Task<void> end() override;
  Task<void> reset(Http2ErrorCode code) override;
  Task<void> sleep(std::chrono::milliseconds duration) override;

 private:
  MockHttp2Stream& stream_;
  const ResponseScript& script_;
  RecordedRequest request_;
};

}  // namespace okhttp::internal
