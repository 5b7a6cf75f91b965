#pragma once

#include <okhttp/task.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "detached.hpp"
#include "doorbell.hpp"
#include "mock_http2_options.hpp"
#include "mock_http2_session.hpp"
#include "mock_http2_stream.hpp"
#include "mock_server_core.hpp"
#include "peer.hpp"

namespace okhttp::internal {

/// One HTTP/2 connection: a reader, a writer that gathers frames, and a coroutine for each stream. On the server's
/// loop; core and peer must outlive it.
class MockHttp2Connection final : private Http2Events {
 public:
  MockHttp2Connection(MockServerCore& core, Peer& peer);
  ~MockHttp2Connection();

  /// Serves until the connection is to be closed and all its coroutines have ended.
  Task<void> serve();

  // For the streams.

  [[nodiscard]] Peer& peer() noexcept { return peer_; }
  [[nodiscard]] MockHttp2Session& session() noexcept { return session_; }
  [[nodiscard]] const MockHttp2Options& options() const noexcept { return options_; }
  /// Something is to be written, after the present turn.
  void wake_writer() { to_write_.ring(); }
  /// Until the system has taken all that may be sent, or the terms end the wait.
  Task<void> flush(WaitTerms terms);
  /// Writes these bytes between two frames.
  void write_raw(std::string_view bytes);
  /// Closes the connection as the script says. False when that is done; true when one side only is closed.
  bool end(SocketEffect effect);
  /// Keeps that much of the connection's window from the client until the script lets it go.
  void hold(std::size_t bytes) noexcept { held_ += bytes; }

  // For the core.

  /// The script changed; `announces` says that its settings did.
  void set_options(const MockHttp2Options& options, bool announces);

 private:
  void on_request(std::int32_t stream) override;
  void on_field(std::int32_t stream, std::string_view name, std::string_view value) override;
  void on_head_end(std::int32_t stream) override;
  void on_data(std::int32_t stream, std::string_view bytes) override;
  void on_request_end(std::int32_t stream) override;
  void on_closed(std::int32_t stream, Http2ErrorCode code) override;
  void on_ping(const std::uint8_t* opaque_data) override;
  void on_frame(RecordedFrame frame) override;

  Task<void> read();
  /// Ends what still runs, and waits for it.
  Task<void> finish();
  DetachedConnection run_writer();
  Task<void> write();
  /// Nothing more can be sent.
  void end_output();
  /// Why the connection ended; the first reason stays.
  void set_reason(std::string_view why);
  DetachedConnection run_stream(std::shared_ptr<MockHttp2Stream> stream);
  void start_streams();
  [[nodiscard]] MockHttp2Stream* find(std::int32_t stream) noexcept;

  MockServerCore& core_;
  Peer& peer_;
  MockHttp2Options options_;

  std::unordered_map<std::int32_t, std::shared_ptr<MockHttp2Stream>> streams_;  // that the session knows
  std::vector<std::shared_ptr<MockHttp2Stream>> begun_;                         // whose coroutines are to be started
  std::vector<std::shared_ptr<MockHttp2Stream>> served_;                        // whose coroutines run
  std::size_t held_ = 0;
  MockHttp2Session session_;  // after the streams, which it refers to

  Doorbell to_write_;
  std::string raw_;
  std::vector<std::shared_ptr<Signal>> flushes_;
  std::string why_;
  bool is_ending_ = false;
  bool is_input_closed_ = false;  // by the script
  bool is_output_over_ = false;
  bool is_writing_ = false;  // the writer's coroutine runs
  Doorbell ended_;           // rung as coroutines end
};

}  // namespace okhttp::internal
