#include "support/simulated_socket.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "support/simulated_engine.hpp"

namespace okhttp::internal {

/// What both ends share. Side 0 is the client's.
class SimulatedConnection final : public std::enable_shared_from_this<SimulatedConnection> {
 public:
  SimulatedConnection(Simulation& simulation, std::array<SimulatedSocket*, 2> ends, const ConnectScript& script)
      : simulation_(simulation), ends_(ends) {
    flows_[0].link = script.to_server;
    flows_[1].link = script.to_client;
    for (unsigned side = 0; side < 2; ++side) {
      names_[side] = ends[side]->local_endpoint().to_string() + ">" + ends[side]->peer_endpoint().to_string();
    }
  }

  IoResult read(unsigned side, Bytes into) {
    Flow& flow = flows_[1 - side];
    if (flow.arrived.empty()) {
      if (resets_[side]) return IoResult(IoStatus::failed, 0, std::make_error_code(std::errc::connection_reset));
      if (flow.end_arrived) return IoResult(IoStatus::end, 0);
      return IoResult(IoStatus::would_block_read, 0);
    }
    const std::size_t count = piece_of(flow.link, std::min(into.size(), flow.arrived.size()));
    std::memcpy(into.data(), flow.arrived.data(), count);
    flow.arrived.erase(0, count);
    notify(1 - side);  // there is room again
    return IoResult(IoStatus::ok, count);
  }

  IoResult write(unsigned side, std::span<const ConstBytes> from) {
    Flow& flow = flows_[side];
    if (resets_[side] || flow.end_sent) {
      return IoResult(IoStatus::failed, 0, std::make_error_code(std::errc::broken_pipe));
    }
    std::size_t wanted = 0;
    for (const ConstBytes& piece : from) wanted += piece.size();
    if (wanted == 0) return IoResult(IoStatus::ok, 0);
    const std::size_t room = room_in(flow);
    if (room == 0) return IoResult(IoStatus::would_block_write, 0);
    const std::size_t count = piece_of(flow.link, std::min(wanted, room));
    std::string bytes;
    for (const ConstBytes& piece : from) bytes += as_text(piece.first(std::min(piece.size(), count - bytes.size())));
    flow.in_flight += count;
    send(side, [bytes = std::move(bytes)](SimulatedConnection& self, unsigned from_side) mutable {
      self.flows_[from_side].in_flight -= bytes.size();
      self.arrive(from_side, std::move(bytes));
    });
    return IoResult(IoStatus::ok, count);
  }

  void end(unsigned side) {
    if (std::exchange(flows_[side].end_sent, true)) return;
    send(side, [](SimulatedConnection& self, unsigned from_side) { self.arrive_end(from_side); });
  }

  void close(unsigned side, bool with_reset) {
    ends_[side] = nullptr;
    // RFC 9293 §3.6.1: a close with data unread is told to the peer as a reset.
    if (!with_reset && flows_[1 - side].arrived.empty()) return end(side);
    flows_[side].end_sent = true;
    send(side, [](SimulatedConnection& self, unsigned from_side) { self.reset(1 - from_side); });
  }

  [[nodiscard]] bool is_readable(unsigned side) const noexcept {
    const Flow& flow = flows_[1 - side];
    return !flow.arrived.empty() || flow.end_arrived || resets_[side];
  }
  [[nodiscard]] bool is_writable(unsigned side) const noexcept {
    return resets_[side] || flows_[side].end_sent || room_in(flows_[side]) > 0;
  }
  [[nodiscard]] SeededRandom& random() noexcept { return simulation_.random(); }
  [[nodiscard]] bool reads_in_pieces(unsigned side) const noexcept { return flows_[1 - side].link.max_piece != 0; }

 private:
  struct Flow {
    Link link;
    std::string arrived;
    std::string held;  // behind the stall
    std::size_t in_flight = 0;
    std::uint64_t delivered = 0;
    TimePoint last_arrival;
    std::size_t in_order = 0;  // arrivals that are scheduled
    bool is_cut = false;       // nothing passes any more
    bool is_stalled = false;
    bool end_sent = false;
    bool end_held = false;
    bool end_arrived = false;
  };

  std::size_t piece_of(const Link& link, std::size_t available) {
    if (link.max_piece == 0) return available;
    return std::min(available, random().between(1, link.max_piece));
  }

  static std::size_t room_in(const Flow& flow) noexcept {
    const std::size_t held = flow.arrived.size() + flow.held.size() + flow.in_flight;
    return flow.link.capacity > held ? flow.link.capacity - held : 0;
  }

  void notify(unsigned side) {
    if (ends_[side] != nullptr) ends_[side]->notify();
  }

  void note(unsigned side, const std::string& what) { simulation_.note(names_[side] + " " + what); }

  /// Has `arrival` called when what is sent now arrives: after all that was sent before.
  template <class Arrival>
  void send(unsigned side, Arrival arrival) {
    Flow& flow = flows_[side];
    Duration delay = flow.link.latency;
    if (flow.link.jitter > Duration::zero()) {
      delay += Duration(static_cast<Duration::rep>(random().below(static_cast<std::size_t>(flow.link.jitter.count()))));
    }
    const TimePoint when = std::max(flow.last_arrival, simulation_.now() + delay);
    flow.last_arrival = when;
    if (when <= simulation_.now() && flow.in_order == 0) return arrival(*this, side);
    ++flow.in_order;
    simulation_.at(when, [self = shared_from_this(), side, arrival = std::move(arrival)]() mutable {
      --self->flows_[side].in_order;
      arrival(*self, side);
    });
  }

  void arrive(unsigned side, std::string bytes) {
    Flow& flow = flows_[side];
    if (flow.is_cut || resets_[1 - side]) return;
    const Link& link = flow.link;
    if (!flow.held.empty() || stalls_at(flow, 0)) {
      flow.held += bytes;
      return begin_stall(side);
    }
    const std::uint64_t end = flow.delivered + bytes.size();
    if (link.stall_at && *link.stall_at < end) {
      flow.held = bytes.substr(*link.stall_at - flow.delivered);
      bytes.resize(*link.stall_at - flow.delivered);
      deliver(side, bytes);
      return begin_stall(side);
    }
    if (link.end_at && *link.end_at <= end) {
      bytes.resize(*link.end_at - flow.delivered);
      deliver(side, bytes);
      flow.is_cut = true;
      flow.end_arrived = true;
      note(side, "cut off by an end");
      return notify(1 - side);
    }
    if (link.reset_at && *link.reset_at <= end) {
      bytes.resize(*link.reset_at - flow.delivered);
      deliver(side, bytes);
      flow.is_cut = true;
      reset(0);
      return reset(1);
    }
    deliver(side, bytes);
  }

  static bool stalls_at(const Flow& flow, std::size_t ahead) noexcept {
    return flow.link.stall_at && *flow.link.stall_at <= flow.delivered + ahead;
  }

  void begin_stall(unsigned side) {
    Flow& flow = flows_[side];
    if (std::exchange(flow.is_stalled, true)) return;
    note(side, "stalls");
    if (!flow.link.stall_for) return;
    simulation_.at(simulation_.now() + *flow.link.stall_for, [self = shared_from_this(), side] {
      Flow& stalled = self->flows_[side];
      stalled.link.stall_at.reset();
      stalled.is_stalled = false;
      self->note(side, "goes on");
      self->arrive(side, std::exchange(stalled.held, {}));
      if (std::exchange(stalled.end_held, false)) self->arrive_end(side);
    });
  }

  void deliver(unsigned side, const std::string& bytes) {
    Flow& flow = flows_[side];
    flow.delivered += bytes.size();
    if (bytes.empty()) return;
    if (ends_[1 - side] == nullptr) {
      // RFC 9293 §3.5.2: data for a connection that does not exist any more is answered by a reset.
      note(side, "wrote to a closed end");
      return send(1 - side, [](SimulatedConnection& self, unsigned from_side) { self.reset(1 - from_side); });
    }
    note(side, "sent " + std::to_string(bytes.size()));
    flow.arrived += bytes;
    notify(1 - side);
  }

  void arrive_end(unsigned side) {
    Flow& flow = flows_[side];
    if (flow.is_cut || resets_[1 - side]) return;
    if (flow.is_stalled) {
      flow.end_held = true;
      return;
    }
    note(side, "ended");
    flow.end_arrived = true;
    notify(1 - side);
  }

  void reset(unsigned side) {
    if (std::exchange(resets_[side], true)) return;
    if (ends_[side] != nullptr) note(side, "was reset");
    notify(side);
  }

  Simulation& simulation_;
  std::array<SimulatedSocket*, 2> ends_;
  std::array<std::string, 2> names_;
  std::array<Flow, 2> flows_;
  std::array<bool, 2> resets_{};
};

SimulatedSocketBase::~SimulatedSocketBase() {
  if (!waits_.empty()) simulation_failed("a socket is destroyed while something waits for it");
}

void SimulatedSocketBase::notify() {
  for (Wait* wait : waits_) {
    if (is_ready(wait->interest())) engine_->mark_ready(*wait);
  }
}

SimulatedSocket::SimulatedSocket(Simulation& simulation, Endpoint local, Endpoint peer) noexcept
    : simulation_(simulation), local_(local), peer_(peer) {}

SimulatedSocket::~SimulatedSocket() {
  *self_ = nullptr;
  if (connection_ != nullptr) connection_->close(side_, resets_on_close_);
}

IoResult SimulatedSocket::try_read(Bytes into) noexcept {
  const bool is_certain = std::exchange(is_certain_, false);
  if (connection_ == nullptr) {
    if (connect_error_ == std::errc::operation_in_progress) return IoResult(IoStatus::would_block_read, 0);
    return IoResult(IoStatus::failed, 0, connect_error_);
  }
  // Engines of the system do not look for data that nothing has announced; a reader has to wait even when it is there.
  if (!is_certain && connection_->reads_in_pieces(side_) && simulation_.random().one_in(4)) {
    return IoResult(IoStatus::would_block_read, 0);
  }
  return connection_->read(side_, into);
}

IoResult SimulatedSocket::try_write(std::span<const ConstBytes> from) noexcept {
  if (connection_ != nullptr) return connection_->write(side_, from);
  if (connect_error_ == std::errc::operation_in_progress) return IoResult(IoStatus::would_block_write, 0);
  return IoResult(IoStatus::failed, 0, connect_error_);
}

bool SimulatedSocket::is_quiet() noexcept { return connection_ != nullptr && !connection_->is_readable(side_); }

void SimulatedSocket::shut_down_write() noexcept {
  if (connection_ != nullptr) connection_->end(side_);
}

std::error_code SimulatedSocket::connect_result() noexcept { return connect_error_; }

bool SimulatedSocket::is_ready(Interest interest) const noexcept {
  if (connection_ == nullptr) return connect_error_ != std::errc::operation_in_progress;
  return (interest != Interest::write && connection_->is_readable(side_)) ||
         (interest != Interest::read && connection_->is_writable(side_));
}

void SimulatedSocket::connect_to(SimulatedSocket& other, const ConnectScript& script) {
  connection_ =
      std::make_shared<SimulatedConnection>(simulation_, std::array<SimulatedSocket*, 2>{this, &other}, script);
  other.connection_ = connection_;
  other.side_ = 1;
  connect_error_ = other.connect_error_ = std::error_code();
  simulation_.note(peer_.to_string() + " connected from " + local_.to_string());
  notify();
}

void SimulatedSocket::fail_connect(std::errc why) {
  // The system's own category, as a socket of the system reports it.
  connect_error_ = std::error_code(static_cast<int>(why), std::system_category());
  simulation_.note(peer_.to_string() + " " + connect_error_.message());
  notify();
}

class SimulatedListener::ListeningSocket final : public SimulatedSocketBase {
 public:
  explicit ListeningSocket(Endpoint where) noexcept : where_(where) {}

  IoResult try_read(Bytes) noexcept override { return not_a_stream(); }
  IoResult try_write(std::span<const ConstBytes>) noexcept override { return not_a_stream(); }
  bool is_quiet() noexcept override { return waiting.empty(); }
  void shut_down_write() noexcept override {}
  std::error_code connect_result() noexcept override { return std::make_error_code(std::errc::not_connected); }
  Endpoint local_endpoint() const noexcept override { return where_; }
  Endpoint peer_endpoint() const noexcept override { return Endpoint(); }
  void allow_one_read() noexcept override {}
  void reset_on_close() noexcept override {}
  bool is_ready(Interest interest) const noexcept override { return interest == Interest::read && !waiting.empty(); }

  void add(std::unique_ptr<SimulatedSocket> accepted) {
    waiting.push_back(std::move(accepted));
    notify();
  }

  std::deque<std::unique_ptr<SimulatedSocket>> waiting;

 private:
  static IoResult not_a_stream() noexcept {
    return IoResult(IoStatus::failed, 0, std::make_error_code(std::errc::not_connected));
  }

  Endpoint where_;
};

SimulatedListener::SimulatedListener(Simulation& simulation, Endpoint where, int backlog)
    : simulation_(simulation),
      where_(where),
      backlog_(static_cast<std::size_t>(std::max(backlog, 1))),
      socket_(std::make_unique<ListeningSocket>(where)) {
  simulation_.listeners_[where_] = this;
}

SimulatedListener::~SimulatedListener() {
  simulation_.listeners_.erase(where_);
  for (const auto& unaccepted : socket_->waiting) unaccepted->reset_on_close();
}

std::unique_ptr<Socket> SimulatedListener::try_accept(std::error_code&) noexcept {
  if (socket_->waiting.empty()) return nullptr;
  std::unique_ptr<SimulatedSocket> accepted = std::move(socket_->waiting.front());
  socket_->waiting.pop_front();
  return accepted;
}

Socket& SimulatedListener::socket() noexcept { return *socket_; }

bool SimulatedListener::offer(SimulatedSocket& client, const ConnectScript& script) {
  if (socket_->waiting.size() >= backlog_) return false;
  auto server = std::make_unique<SimulatedSocket>(simulation_, where_, client.local_endpoint());
  client.connect_to(*server, script);
  socket_->add(std::move(server));
  return true;
}

}  // namespace okhttp::internal
