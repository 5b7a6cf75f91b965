#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "connection/connection.hpp"
#include "route/address.hpp"
#include "runtime/intrusive_list.hpp"
#include "runtime/signal.hpp"

namespace okhttp::internal {

/// A call that found no connection to an address where many calls can share one, or where there may be only so many,
/// and stands in the pool's line for it: until a connection has room, until it may connect, or until there is nothing
/// to wait for.
///
/// Lives in the waiting coroutine's frame. Requires: ConnectionStore::leave_line() before it goes away.
class WaitingCall {
 public:
  enum class Outcome : std::uint8_t {
    none,        ///< waits, or what it was given has been taken
    connection,  ///< has a connection with room for one exchange, which is counted
    turn,        ///< is the one that connects now; others wait for it
    on_its_own,  ///< connects without waiting for others and without others waiting for it
  };

  /// As far as this call is concerned, there may be `max_shared` connections to the address that can be shared, and
  /// `max_connections` of any kind; 0: any number. `may_share`: whether it could do with one that can be shared.
  WaitingCall(Address address, std::size_t max_shared, std::size_t max_connections = 0, bool may_share = true)
      : address_(std::move(address)),
        max_shared_(max_shared),
        max_connections_(max_connections),
        expects_to_share_(may_share) {}
  WaitingCall(const WaitingCall&) = delete;
  WaitingCall& operator=(const WaitingCall&) = delete;

  [[nodiscard]] const Address& address() const noexcept { return address_; }
  /// Set when the call was served. Then outcome() and connection() are its own.
  [[nodiscard]] const std::shared_ptr<Signal>& served() const noexcept { return served_; }
  [[nodiscard]] Outcome take_outcome() noexcept { return std::exchange(outcome_, Outcome::none); }
  /// With the turn: true when there are connections already, which have no room.
  [[nodiscard]] bool adds_to_others() const noexcept { return adds_to_others_; }
  [[nodiscard]] std::shared_ptr<Connection> take_connection() noexcept { return std::move(connection_); }
  /// With the turn, or on its own: true when it was counted as a connection beforehand, because their number is
  /// limited; then ConnectionStore::end_slot() is due once it has connected or given up.
  [[nodiscard]] bool take_slot() noexcept { return std::exchange(has_slot_, false); }

 private:
  friend class ConnectionStore;

  const Address address_;
  const std::size_t max_shared_;
  const std::size_t max_connections_;
  const std::shared_ptr<Signal> served_ = std::make_shared<Signal>();

  // The pool's, under its lock, while the call stands in line.
  Outcome outcome_ = Outcome::none;
  std::shared_ptr<Connection> connection_;
  bool adds_to_others_ = false;
  bool has_slot_ = false;
  bool expects_to_share_;
  ListHook<WaitingCall> line_hook_;
};

}  // namespace okhttp::internal
