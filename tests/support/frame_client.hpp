#pragma once

#include <okhttp/sync_wait.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/frame_peer.hpp"
#include "support/frame_sockets.hpp"
#include "support/raw_client.hpp"

namespace okhttp::testing {

/// A FramePeer that is a client over loopback and blocks. A wait of more than 20 s throws.
class FrameClient {
 public:
  /// Connects in clear text, and sends preface and SETTINGS.
  explicit FrameClient(std::uint16_t port, SettingsList settings = {})
      : FrameClient(std::make_unique<RawClient>(port), std::move(settings)) {}
  /// The same over TLS, with the ALPN of `tls`.
  FrameClient(std::uint16_t port, const RawTls& tls, SettingsList settings = {})
      : FrameClient(connect(port, tls), std::move(settings)) {}
  /// The same over a connection that was made.
  explicit FrameClient(std::unique_ptr<RawClient> connected, SettingsList settings = {})
      : client_(std::move(connected)) {
    sync_wait(peer_.open_as_client(std::move(settings)));
  }

  [[nodiscard]] RawClient& raw() noexcept { return *client_; }
  [[nodiscard]] FramePeer& peer() noexcept { return peer_; }

  void send(std::string bytes) { sync_wait(peer_.write(std::move(bytes))); }
  std::optional<Frame> read() { return sync_wait(peer_.read()); }
  Frame expect(FrameType type) { return sync_wait(peer_.expect(type)); }
  Http2Message response(std::uint32_t stream) { return sync_wait(peer_.message(stream)); }
  Http2Message head(std::uint32_t stream) { return sync_wait(peer_.head(stream)); }
  std::vector<Frame> read_to_end() { return sync_wait(peer_.read_to_end()); }

  /// HEADERS of a request, with these fields after the pseudo fields.
  std::string request(std::uint32_t stream, std::string_view method, std::string_view path, bool ends = true,
                      const Fields& more = {}) {
    Fields fields = {{":method", std::string(method)},
                     {":scheme", "http"},
                     {":authority", "localhost"},
                     {":path", std::string(path)}};
    fields.insert(fields.end(), more.begin(), more.end());
    return peer_.headers(stream, fields, ends);
  }
  void get(std::uint32_t stream, std::string_view path) { send(request(stream, "GET", path)); }

 private:
  static std::unique_ptr<RawClient> connect(std::uint16_t port, const RawTls& tls) {
    auto client = std::make_unique<RawClient>(port);
    client->start_tls(tls);
    return client;
  }

  std::unique_ptr<RawClient> client_;
  BlockingSocket socket_{*client_};
  FramePeer peer_{socket_};
};

}  // namespace okhttp::testing
