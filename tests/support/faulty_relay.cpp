#include "support/faulty_relay.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "support/loopback.hpp"

namespace okhttp::testing {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;

}  // namespace

FaultyRelay::FaultyRelay(std::uint16_t server_port, const Faults& faults, std::uint64_t seed)
    : server_port_(server_port), faults_(faults), random_(seed), buffer_(kPiece, '\0') {
  listener_ = make_listener(port_);
  stop_ = checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
  thread_ = std::thread([this] { run(); });
}

FaultyRelay::~FaultyRelay() {
  ::eventfd_write(stop_, 1);
  thread_.join();
  for (Pair& pair : pairs_) close_pair(pair, false);
  ::close(listener_);
  ::close(stop_);
}

bool FaultyRelay::befalls(std::size_t one_in) noexcept {
  // Drawn even when nothing can come of it, so that one number of Faults does not shift the others' fate.
  const std::uint64_t drawn = random_.next();
  return one_in != 0 && !is_clear_ && drawn % one_in == 0;
}

void FaultyRelay::run() {
  std::vector<pollfd> polled;
  for (;;) {
    polled.clear();
    polled.push_back(pollfd{stop_, POLLIN, 0});
    polled.push_back(pollfd{listener_, POLLIN, 0});
    const Clock::time_point now = Clock::now();
    const auto watched = [now](const Direction& in, const Direction& out) {
      const bool writes = !out.pieces.empty() && out.pieces.front().due <= now;
      const int events = (in.has_ended ? 0 : POLLIN) | (writes ? POLLOUT : 0);
      // One that is of no interest now would report its end again and again.
      return pollfd{events != 0 ? in.from : -1, static_cast<short>(events), 0};
    };
    for (const Pair& pair : pairs_) {
      polled.push_back(watched(pair.to_server, pair.to_client));
      polled.push_back(watched(pair.to_client, pair.to_server));
    }
    if (::poll(polled.data(), polled.size(), patience()) < 0 && errno != EINTR) return;
    if (polled[0].revents != 0) return;
    const bool has_visitor = polled[1].revents != 0;
    std::size_t at = 2;
    for (Pair& pair : pairs_) {
      const bool client_spoke = (polled[at++].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
      const bool server_spoke = (polled[at++].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
      if (client_spoke) receive(pair, pair.to_server);
      if (server_spoke && !pair.is_over) receive(pair, pair.to_client);
      if (!pair.is_over) send_what_is_due(pair, pair.to_server);
      if (!pair.is_over) send_what_is_due(pair, pair.to_client);
    }
    pairs_.remove_if([](const Pair& pair) { return pair.is_over; });
    if (has_visitor) accept_one();
  }
}

void FaultyRelay::accept_one() {
  int client = -1;
  int server = -1;
  if (!accept_and_connect(listener_, server_port_, client, server)) return;
  const bool is_refused = befalls(faults_.refused);
  const bool is_deaf = befalls(faults_.deaf);
  Pair& pair = pairs_.emplace_back();
  pair.to_server.from = pair.to_client.to = client;
  pair.to_server.to = pair.to_client.from = server;
  if (is_refused) {
    ++resets_;
    close_pair(pair, true);
    pairs_.pop_back();
  } else if (is_deaf) {
    ++stalls_;
    pair.to_server.is_stalled = pair.to_client.is_stalled = true;
  }
}

int FaultyRelay::patience() const {
  Clock::time_point next = Clock::time_point::max();
  const Clock::time_point now = Clock::now();
  for (const Pair& pair : pairs_) {
    for (const Direction* const direction : {&pair.to_server, &pair.to_client}) {
      // What is due and cannot be sent is polled for.
      if (!direction->pieces.empty() && direction->pieces.front().due > now) {
        next = std::min(next, direction->pieces.front().due);
      }
    }
  }
  if (next == Clock::time_point::max()) return -1;
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(next - now).count());
}

void FaultyRelay::receive(Pair& pair, Direction& direction) {
  if (direction.has_ended) return;
  const ssize_t count = ::recv(direction.from, buffer_.data(), buffer_.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0) {
    if (!direction.is_stalled) strike(pair, direction, buffer_.substr(0, static_cast<std::size_t>(count)));
    return;
  }
  if (count < 0 || pair.to_server.is_stalled || pair.to_client.is_stalled) {
    close_pair(pair, count < 0);
    return;
  }
  direction.has_ended = true;
  direction.pieces.push_back(Piece{Clock::now(), std::string()});
}

void FaultyRelay::strike(Pair& pair, Direction& direction, std::string bytes) {
  const bool is_dropped = befalls(faults_.dropped);
  const bool is_reset = befalls(faults_.reset);
  const bool is_stalled = befalls(faults_.stalled);
  const bool is_delayed = befalls(faults_.delayed);
  const bool is_split = befalls(faults_.split);
  const std::size_t part = random_.below(bytes.size());
  const auto delay = std::chrono::milliseconds(
      random_.between(1, static_cast<std::size_t>(std::max<std::int64_t>(1, faults_.longest_delay.count()))));
  const Clock::time_point now = Clock::now();
  // What was sent before keeps its place.
  const Clock::time_point earliest = direction.pieces.empty() ? now : std::max(now, direction.pieces.back().due);

  if (is_dropped || is_reset) {
    ++(is_dropped ? drops_ : resets_);
    // What is still on its way before it is lost, and so is this.
    if (part > 0 && direction.pieces.empty()) ::send(direction.to, bytes.data(), part, MSG_NOSIGNAL);
    close_pair(pair, is_reset);
    return;
  }
  if (is_stalled) {
    ++stalls_;
    direction.is_stalled = true;
    bytes.resize(part);
  }
  if (is_delayed) ++delays_;
  const Clock::time_point due = is_delayed ? earliest + delay : earliest;
  if (is_split && part > 0) {
    direction.pieces.push_back(Piece{due, bytes.substr(0, part)});
    bytes.erase(0, part);
  }
  if (!bytes.empty()) direction.pieces.push_back(Piece{is_split ? due + delay : due, std::move(bytes)});
}

void FaultyRelay::send_what_is_due(Pair& pair, Direction& direction) {
  const Clock::time_point now = Clock::now();
  while (!direction.pieces.empty() && direction.pieces.front().due <= now) {
    Piece& first = direction.pieces.front();
    if (first.bytes.empty()) {
      ::shutdown(direction.to, SHUT_WR);
      direction.is_shut = true;
      direction.pieces.pop_front();
      break;
    }
    const ssize_t count = ::send(direction.to, first.bytes.data(), first.bytes.size(), MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EAGAIN || errno == EINTR || errno == ENOTCONN) return;
      close_pair(pair, true);
      return;
    }
    first.bytes.erase(0, static_cast<std::size_t>(count));
    if (!first.bytes.empty()) return;
    direction.pieces.pop_front();
  }
  if (pair.to_server.is_shut && pair.to_client.is_shut) close_pair(pair, false);
}

void FaultyRelay::close_pair(Pair& pair, bool resetting) noexcept {
  if (std::exchange(pair.is_over, true)) return;
  for (const int socket : {pair.to_server.from, pair.to_server.to}) {
    if (resetting) reset_on_close(socket);
    ::close(socket);
  }
}

}  // namespace okhttp::testing
