#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "interop/support/child_process.hpp"

namespace okhttp::interop {

enum class ServerKind : std::uint8_t { nginx, apache, caddy, node, nghttpd, h2o, haproxy };
enum class Scheme : std::uint8_t { http, https };
/// How a client speaks to a server: HTTP/1.1 in clear text and over TLS, HTTP/2 in clear text without negotiation, and
/// HTTP/2 by ALPN on the port where HTTP/1.1 is spoken too.
enum class Way : std::uint8_t { http, https, h2c, h2 };

[[nodiscard]] std::string_view to_string(ServerKind kind) noexcept;
[[nodiscard]] std::string_view to_string(Scheme scheme) noexcept;
[[nodiscard]] std::string_view to_string(Way way) noexcept;
[[nodiscard]] constexpr Scheme scheme_of(Way way) noexcept {
  return way == Way::https || way == Way::h2 ? Scheme::https : Scheme::http;
}
[[nodiscard]] constexpr bool is_http2(Way way) noexcept { return way == Way::h2c || way == Way::h2; }

/// Where one server listens, on 127.0.0.1; 0 is nowhere. Chosen when the configuration is written and kept through
/// restarts.
struct ServerPorts {
  /// Free ports below those that the system gives to outgoing connections, which could take one meanwhile.
  [[nodiscard]] static ServerPorts choose(ServerKind kind);
  [[nodiscard]] std::vector<std::uint16_t> all() const;

  std::uint16_t http = 0;
  std::uint16_t https = 0;           ///< HTTP/2 too, by ALPN
  std::uint16_t h2c = 0;             ///< nothing but HTTP/2
  std::uint16_t other_name = 0;      ///< TLS with a certificate for another host
  std::uint16_t idle_close = 0;      ///< closes a connection that was idle for a few milliseconds, unannounced
  std::uint16_t idle_close_tls = 0;  ///< the same with TLS
  /// The first closes a connection after 1 request, the second after 2, ... the seventh after 7, and each says so in
  /// the last answer. Caddy cannot, and has none.
  std::vector<std::uint16_t> closes_after;
  std::uint16_t goes_away = 0;  ///< HTTP/2 with TLS, GOAWAY after 100 requests on a connection
};

/// A server that is installed on this machine, run for the tests.
///
/// All serve on both schemes: /1k, /64m, /text (gzip for who accepts it; of Caddy zstd too, and br of nginx where
/// libnginx-mod-http-brotli-filter is installed), /chunked (the text in chunks),
/// /redirect and /absolute-redirect (302 to /1k), /redirect-308 (to /discard), /loop (302 to itself), /to-https and
/// /to-http (301 to /1k there), /close (1k with "Connection: close"), /big-headers (100 fields of 1000 bytes), /discard
/// (204 to any method), /missing (404). nginx, Apache and Node also: /until-close (the text), and PUT and DELETE to
/// /upload/. Apache and Node: /http10/1k and /http10/until-close. Apache: the 1k as /basic and /digest for jane, whose
/// password is "open sesame". Node has more: see node_server.js.
///
/// nghttpd, h2o and HAProxy, which stands in front of Node, are there for HTTP/2 alone: nghttpd over TLS, the others
/// also in clear text. All three have /1k, /64m, /text, /missing and /echo.
class RealServer {
 public:
  /// Writes the configuration. Throws std::runtime_error that says what to install when the server is missing.
  explicit RealServer(ServerKind kind);
  RealServer(const RealServer&) = delete;
  RealServer& operator=(const RealServer&) = delete;
  ~RealServer();

  /// The one that all tests share; started when first asked for.
  [[nodiscard]] static RealServer& shared(ServerKind kind);

  /// Returns when all ports accept connections. Throws std::runtime_error with its log when that does not happen.
  void start();
  /// Returns when all of its processes, hence all of its connections, are gone.
  void stop() noexcept;
  void restart();
  /// As restart(), but whatever it was doing is cut off.
  void kill_and_restart();
  /// Tells it to read its configuration anew and to let go of the connections that it has, while it goes on serving.
  /// Returns before that is done. nghttpd cannot.
  void reload();

  [[nodiscard]] ServerKind kind() const noexcept { return kind_; }
  [[nodiscard]] const ServerPorts& ports() const noexcept { return ports_; }
  [[nodiscard]] std::string url(Scheme scheme, std::string_view path) const;
  [[nodiscard]] std::string url(Way way, std::string_view path) const;
  [[nodiscard]] static std::string url(Scheme scheme, std::uint16_t port, std::string_view path);
  /// Where PUT /upload/name goes.
  [[nodiscard]] std::filesystem::path uploads() const { return directory_ / "upload"; }

 private:
  [[nodiscard]] std::unique_ptr<ChildProcess> run(const std::vector<std::string>& command) const;
  void wait_until_ready();
  /// A process that was killed, and is not our own child, may be seen to end a moment before its sockets close.
  void wait_until_deaf() const;

  ServerKind kind_;
  ServerPorts ports_;
  std::filesystem::path program_;
  std::filesystem::path directory_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace okhttp::interop
