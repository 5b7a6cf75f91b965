#include "support/delaying_relay.hpp"

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

constexpr std::size_t kPiece = std::size_t{256} * 1024;

short events_of(bool reads, bool writes) { return static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)); }

}  // namespace

DelayingRelay::DelayingRelay(std::uint16_t server_port, std::chrono::milliseconds delay)
    : server_port_(server_port), delay_(delay), buffer_(kPiece, '\0') {
  listener_ = make_listener(port_);
  stop_ = checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
  thread_ = std::thread([this] { run(); });
}

DelayingRelay::~DelayingRelay() {
  ::eventfd_write(stop_, 1);
  thread_.join();
  for (Pair& pair : pairs_) close_pair(pair);
  ::close(listener_);
  ::close(stop_);
}

void DelayingRelay::run() {
  std::vector<pollfd> polled;
  for (;;) {
    polled.clear();
    polled.push_back(pollfd{stop_, POLLIN, 0});
    polled.push_back(pollfd{listener_, POLLIN, 0});
    const Clock::time_point now = Clock::now();
    const auto is_due = [now](const Direction& direction) {
      return !direction.pieces.empty() && direction.pieces.front().due <= now;
    };
    for (const Pair& pair : pairs_) {
      polled.push_back(pollfd{pair.to_server.from, events_of(!pair.to_server.has_ended, is_due(pair.to_client)), 0});
      polled.push_back(pollfd{pair.to_client.from, events_of(!pair.to_client.has_ended, is_due(pair.to_server)), 0});
    }
    if (::poll(polled.data(), polled.size(), patience()) < 0 && errno != EINTR) return;
    if (polled[0].revents != 0) return;
    const bool has_visitor = polled[1].revents != 0;
    std::size_t at = 2;
    for (Pair& pair : pairs_) {
      if ((polled[at++].revents & (POLLIN | POLLHUP | POLLERR)) != 0) receive(pair.to_server, most_to_servers_);
      if ((polled[at++].revents & (POLLIN | POLLHUP | POLLERR)) != 0) receive(pair.to_client, most_to_clients_);
      send_what_is_due(pair.to_server);
      send_what_is_due(pair.to_client);
    }
    pairs_.remove_if([](Pair& pair) {
      if (!pair.to_server.is_shut || !pair.to_client.is_shut) return false;
      close_pair(pair);
      return true;
    });
    if (has_visitor) accept_one();
  }
}

void DelayingRelay::accept_one() {
  int client = -1;
  int server = -1;
  if (!accept_and_connect(listener_, server_port_, client, server)) return;
  Pair& pair = pairs_.emplace_back();
  pair.to_server.from = pair.to_client.to = client;
  pair.to_server.to = pair.to_client.from = server;
}

int DelayingRelay::patience() const {
  Clock::time_point next = Clock::time_point::max();
  for (const Pair& pair : pairs_) {
    for (const Direction* const direction : {&pair.to_server, &pair.to_client}) {
      if (!direction->pieces.empty()) next = std::min(next, direction->pieces.front().due);
    }
  }
  if (next == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
  // What is due and cannot be sent is polled for: no need to wake for it.
  return left.count() > 0 ? static_cast<int>(left.count()) : 100;
}

void DelayingRelay::receive(Direction& direction, std::atomic<std::size_t>& most) {
  while (!direction.has_ended) {
    const ssize_t count = ::recv(direction.from, buffer_.data(), buffer_.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const Clock::time_point due = Clock::now() + delay_;
    if (count <= 0) {
      direction.has_ended = true;
      direction.pieces.push_back(Piece{due, std::string()});
      return;
    }
    direction.pieces.push_back(Piece{due, buffer_.substr(0, static_cast<std::size_t>(count))});
    direction.under_way += static_cast<std::size_t>(count);
    std::size_t together = 0;
    for (const Pair& pair : pairs_) {
      together += &most == &most_to_clients_ ? pair.to_client.under_way : pair.to_server.under_way;
    }
    most = std::max(most.load(), together);
  }
}

void DelayingRelay::send_what_is_due(Direction& direction) {
  const Clock::time_point now = Clock::now();
  while (!direction.pieces.empty() && direction.pieces.front().due <= now) {
    const Piece& first = direction.pieces.front();
    if (first.bytes.empty()) {
      ::shutdown(direction.to, SHUT_WR);
      direction.is_shut = true;
      direction.pieces.pop_front();
      return;
    }
    const ssize_t count = ::send(direction.to, first.bytes.data() + direction.sent_of_first,
                                 first.bytes.size() - direction.sent_of_first, MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EAGAIN || errno == EINTR || errno == ENOTCONN) return;
      // The other end is gone: what is left has nowhere to go.
      direction.pieces.clear();
      direction.has_ended = direction.is_shut = true;
      ::shutdown(direction.from, SHUT_RD);
      return;
    }
    direction.sent_of_first += static_cast<std::size_t>(count);
    direction.under_way -= static_cast<std::size_t>(count);
    if (direction.sent_of_first < first.bytes.size()) return;
    direction.sent_of_first = 0;
    direction.pieces.pop_front();
  }
}

void DelayingRelay::close_pair(Pair& pair) noexcept {
  ::close(pair.to_server.from);
  ::close(pair.to_server.to);
}

}  // namespace okhttp::testing
