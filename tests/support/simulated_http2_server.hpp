#pragma once

#include <okhttp/task.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/simulated_engine.hpp"

struct nghttp2_session;

namespace okhttp::internal {

/// A server that speaks HTTP/2 in clear text in a simulated world, over nghttp2's server side: what the client's side
/// is tested against without a socket of the system's. Everything on the simulation's thread.
class SimulatedHttp2Server final {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  /// One request, as far as it came.
  struct Stream {
    std::int32_t id = 0;
    std::map<std::string, std::string> fields;
    std::string body;
    bool is_whole = false;
    // The answer's body, and what follows it.
    std::string unsent;
    bool ends = false;  // after `unsent`
    Fields trailers;
  };

  /// One connection; the test may do to it what a server may.
  class Connection {
   public:
    Connection(SimulatedHttp2Server& server, std::unique_ptr<Socket> socket);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    void inform(Stream& stream, int code, const Fields& fields = {});
    void respond(Stream& stream, int code, const Fields& fields, std::string body, const Fields& trailers = {});
    /// A head whose body follows by send().
    void begin_response(Stream& stream, int code, const Fields& fields);
    void send(Stream& stream, const std::string& more, bool ends);
    void reset(const Stream& stream, std::uint32_t code);
    /// GOAWAY with that last stream id.
    void go_away(std::int32_t last_stream_id, std::uint32_t code = 0);
    void set_max_streams(std::uint32_t most);
    /// Bytes that nghttp2 would never send.
    void send_raw(const std::string& bytes);
    /// Ends its direction, as a server that closes; what the client sends on is still read.
    void close();

    [[nodiscard]] std::map<std::int32_t, Stream>& streams() noexcept { return streams_; }
    /// RST_STREAM frames that came, by stream.
    [[nodiscard]] const std::map<std::int32_t, std::uint32_t>& resets() const noexcept { return resets_; }
    [[nodiscard]] std::size_t pings() const noexcept { return pings_; }
    /// Frames of the client that break a rule, the limit of streams that it has acknowledged among them.
    [[nodiscard]] std::size_t violations() const noexcept { return violations_; }
    /// Requests that nghttp2 refused, above a limit that the client had yet to acknowledge.
    [[nodiscard]] std::size_t refusals() const noexcept { return refusals_; }
    [[nodiscard]] bool is_open() const noexcept { return is_open_; }
    /// What the client said last by GOAWAY, or -1.
    [[nodiscard]] std::int64_t client_goaway() const noexcept { return client_goaway_; }

   private:
    friend class SimulatedHttp2Server;
    friend struct ServerCallbacks;
    Task<void> read();
    Task<void> write();
    void write_soon();

    SimulatedHttp2Server& server_;
    std::unique_ptr<Socket> socket_;
    nghttp2_session* session_ = nullptr;
    std::map<std::int32_t, Stream> streams_;
    std::map<std::int32_t, std::uint32_t> resets_;
    std::size_t pings_ = 0;
    std::size_t violations_ = 0;
    std::size_t refusals_ = 0;
    std::int64_t client_goaway_ = -1;
    std::string raw_;
    std::shared_ptr<Outcome<void>> reading_;
    std::shared_ptr<Outcome<void>> writing_;
    bool receives_ = false;
    bool is_open_ = true;  // the client has not closed it
  };

  /// What is done with a request; called when its head is there (`is_whole` false unless it has no body) and again when
  /// it is whole. The default answers a whole request with 200 and "<method> <path> <body>".
  using Handler = std::function<void(Connection&, Stream&)>;

  /// Listens at `where` on `engine`, which outlives it.
  SimulatedHttp2Server(SimulatedEngine& engine, const Endpoint& where);
  ~SimulatedHttp2Server();

  void on_request(Handler handler) { handler_ = std::move(handler); }
  /// SETTINGS of the connections to come.
  std::uint32_t max_streams = 100;
  std::uint32_t stream_window = 65'535;
  std::int32_t connection_window = 65'535;
  bool answers_pings = true;
  /// Off: what comes is not acknowledged by WINDOW_UPDATE, so that an upload comes to a halt.
  bool returns_windows = true;

  [[nodiscard]] const std::vector<std::unique_ptr<Connection>>& connections() const noexcept { return connections_; }
  [[nodiscard]] Connection& last() { return *connections_.back(); }

 private:
  friend struct ServerCallbacks;
  Task<void> accept();

  SimulatedEngine& engine_;
  std::unique_ptr<Listener> listener_;
  std::shared_ptr<Outcome<void>> accepting_;
  Handler handler_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace okhttp::internal
