#pragma once

#include <okhttp/mockwebserver/upgraded_socket.hpp>
#include <okhttp/task.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/http2_frames.hpp"

namespace okhttp::testing {

/// What came on one stream.
struct Http2Message {
  std::vector<Fields> informational;
  Fields head;
  std::string body;
  Fields trailers;
  bool has_ended = false;
  std::optional<std::uint32_t> reset;  // with that code

  [[nodiscard]] std::string status() const { return value_of(head, ":status"); }
  [[nodiscard]] bool is_complete() const noexcept { return has_ended || reset.has_value(); }
};

/// An HTTP/2 peer that speaks frames, either side, well or badly: it does what the test says and little else.
///
/// Bytes go over an UpgradedSocket: what MockResponse::Builder::take_over() gives, a BlockingSocket over TCP or TLS, or
/// a StreamSocket over any stream of an engine, in memory too. The functions throw what the socket throws and
/// std::runtime_error when the other side says something else than was expected.
class FramePeer {
 public:
  /// `socket` must outlive it.
  explicit FramePeer(UpgradedSocket& socket) noexcept : socket_(socket) {}

  /// Whether what is read by next(), expect() and message() is answered as a peer has to: SETTINGS are acknowledged,
  /// windows are returned. read() answers nothing.
  bool answers = true;

  /// Sends the preface and SETTINGS.
  Task<void> open_as_client(SettingsList settings = {});
  /// Sends SETTINGS, reads the preface and the client's SETTINGS, which it acknowledges and returns.
  Task<SettingsList> open_as_server(SettingsList settings = {});

  Task<void> write(std::string bytes);
  /// The next frame as it is; nothing when the other side has closed.
  Task<std::optional<Frame>> read();
  /// The same, answered.
  Task<std::optional<Frame>> next();
  /// The next frame of that type; others are passed over, but collected for message().
  Task<Frame> expect(FrameType type);
  /// What came on that stream, once it has ended or was reset.
  Task<Http2Message> message(std::uint32_t stream);
  /// The same as soon as its head has come.
  Task<Http2Message> head(std::uint32_t stream);
  /// Reads until the other side closes; all that came.
  Task<std::vector<Frame>> read_to_end();

  /// HEADERS with these fields, and CONTINUATION when they need more than one frame.
  [[nodiscard]] std::string headers(std::uint32_t stream, const Fields& fields, bool ends);
  /// The fields of a header block, which has to be decoded exactly once.
  [[nodiscard]] Fields decode(std::string_view block) { return decoder_.decode(block); }
  [[nodiscard]] HpackEncoder& encoder() noexcept { return encoder_; }

 private:
  Task<bool> fill();
  void collect(const Frame& frame);
  void take_block(Http2Message& message, bool ends);

  UpgradedSocket& socket_;
  std::string received_;
  HpackEncoder encoder_;
  HpackDecoder decoder_;
  std::string block_;  // of HEADERS that CONTINUATION goes on with
  bool block_ends_stream_ = false;
  std::map<std::uint32_t, Http2Message> messages_;
};

}  // namespace okhttp::testing
