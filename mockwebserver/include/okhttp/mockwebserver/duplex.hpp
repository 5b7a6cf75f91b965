#pragma once

#include <okhttp/headers.hpp>
#include <okhttp/http2_error_code.hpp>
#include <okhttp/mockwebserver/recorded_request.hpp>
#include <okhttp/task.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace okhttp {

/// One HTTP/2 request and its response while both are under way: the bodies flow in any order that the script likes.
///
/// Used by a coroutine on the server's thread, inside the handler that MockResponse::Builder::duplex() was given. All
/// functions throw okhttp::Error (connection_closed) when the client resets the request, when the connection breaks and
/// when the server is closed.
class DuplexStream {
 public:
  DuplexStream() = default;
  DuplexStream(const DuplexStream&) = delete;
  DuplexStream& operator=(const DuplexStream&) = delete;
  virtual ~DuplexStream() = default;

  /// The request without its body.
  [[nodiscard]] virtual const RecordedRequest& request() const noexcept = 0;

  /// Reads exactly that many bytes of the request's body, fewer only when it ends before.
  virtual Task<std::string> read_exactly(std::size_t count) = 0;
  /// Reads the request's body to its end.
  virtual Task<std::string> read_to_end() = 0;
  /// What came behind the request's body, once that has been read to its end.
  [[nodiscard]] virtual Headers request_trailers() const = 0;

  /// Sends the response's head, which the first write() does otherwise.
  virtual Task<void> send_head() = 0;
  virtual Task<void> write(std::string bytes) = 0;
  /// Ends the response, which the handler's return does otherwise, with the response's trailers.
  virtual Task<void> end() = 0;
  /// Ends request and response by RST_STREAM.
  virtual Task<void> reset(Http2ErrorCode code) = 0;
  virtual Task<void> sleep(std::chrono::milliseconds duration) = 0;
};

/// What serves a request and its response at the same time. An exception out of it resets the stream.
using DuplexHandler = std::function<Task<void>(DuplexStream&)>;

/// Both sides of a conversation step by step, and whether it went so. Copies share the steps and the outcome.
///
///     DuplexScript script;
///     script.receive_request("ping").send_response("pong").exhaust_request().exhaust_response();
///     server.enqueue(MockResponse::Builder().duplex(script.handler()).build());
///     ...
///     script.await_success();
class DuplexScript {
 public:
  DuplexScript();

  /// The next bytes of the request's body are these.
  DuplexScript& receive_request(std::string_view expected);
  /// The request's body ends here.
  DuplexScript& exhaust_request();
  /// Sends the response's head before there is a body.
  DuplexScript& send_head();
  DuplexScript& send_response(std::string_view bytes);
  /// Ends the response.
  DuplexScript& exhaust_response();
  DuplexScript& cancel_stream(Http2ErrorCode code = Http2ErrorCode::cancel);
  /// The client breaks the request off here.
  DuplexScript& expect_canceled();
  DuplexScript& sleep(std::chrono::milliseconds duration);

  /// For one request. The steps are complete by then.
  [[nodiscard]] DuplexHandler handler() const;
  /// Waits until all steps were made. Throws std::runtime_error, with what went differently, when they were not.
  void await_success(std::chrono::milliseconds timeout = std::chrono::seconds(10)) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace okhttp
