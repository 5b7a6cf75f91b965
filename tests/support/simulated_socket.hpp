#pragma once

#include <deque>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "runtime/stream.hpp"
#include "support/simulation.hpp"

namespace okhttp::internal {

class SimulatedEngine;
class SimulatedConnection;

/// What an engine of the simulation can wait for.
class SimulatedSocketBase : public Socket {
 public:
  ~SimulatedSocketBase() override;

  [[nodiscard]] virtual bool is_ready(Interest interest) const noexcept = 0;
  [[nodiscard]] int descriptor() const noexcept override { return -1; }

 protected:
  /// Something changed: whoever waits for it is told.
  void notify();

 private:
  friend class SimulatedEngine;

  SimulatedEngine* engine_ = nullptr;  // that adopted it
  std::vector<Wait*> waits_;           // at most one each way
};

/// One end of a connection in memory.
class SimulatedSocket final : public SimulatedSocketBase {
 public:
  /// A client's end that has yet to be connected.
  SimulatedSocket(Simulation& simulation, Endpoint local, Endpoint peer) noexcept;
  ~SimulatedSocket() override;

  [[nodiscard]] IoResult try_read(Bytes into) noexcept override;
  [[nodiscard]] IoResult try_write(std::span<const ConstBytes> from) noexcept override;
  [[nodiscard]] bool is_quiet() noexcept override;
  void shut_down_write() noexcept override;
  [[nodiscard]] std::error_code connect_result() noexcept override;
  [[nodiscard]] Endpoint local_endpoint() const noexcept override { return local_; }
  [[nodiscard]] Endpoint peer_endpoint() const noexcept override { return peer_; }
  void allow_one_read() noexcept override { is_certain_ = true; }
  void reset_on_close() noexcept override { resets_on_close_ = true; }
  [[nodiscard]] bool is_ready(Interest interest) const noexcept override;

  /// Makes this end and `other` the two ends of one connection.
  void connect_to(SimulatedSocket& other, const ConnectScript& script);
  void fail_connect(std::errc why);

 private:
  friend class SimulatedConnection;

  Simulation& simulation_;
  Endpoint local_;
  Endpoint peer_;
  std::shared_ptr<SimulatedConnection> connection_;
  unsigned side_ = 0;
  std::error_code connect_error_ = std::make_error_code(std::errc::operation_in_progress);
  bool resets_on_close_ = false;
  bool is_certain_ = false;  // an engine promised that there is something to read
  std::shared_ptr<SimulatedSocket*> self_ = std::make_shared<SimulatedSocket*>(this);  // null when gone

 public:
  /// For events that come later: points to null once the socket is gone.
  [[nodiscard]] std::shared_ptr<SimulatedSocket*> self() const noexcept { return self_; }
};

/// A listening endpoint of the simulated network.
class SimulatedListener final : public Listener {
 public:
  SimulatedListener(Simulation& simulation, Endpoint where, int backlog);
  ~SimulatedListener() override;

  [[nodiscard]] std::unique_ptr<Socket> try_accept(std::error_code& error) noexcept override;
  [[nodiscard]] Socket& socket() noexcept override;
  [[nodiscard]] Endpoint endpoint() const noexcept override { return where_; }

  /// Has `client` connected to a new end that waits here to be accepted. False when too many wait already.
  bool offer(SimulatedSocket& client, const ConnectScript& script);

 private:
  class ListeningSocket;

  Simulation& simulation_;
  Endpoint where_;
  std::size_t backlog_;
  std::unique_ptr<ListeningSocket> socket_;
};

}  // namespace okhttp::internal
