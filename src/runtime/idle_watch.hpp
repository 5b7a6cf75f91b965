#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/fork_mark.hpp"
#include "runtime/stream.hpp"

namespace okhttp::internal {

class DescriptorSocket;

/// Watches sockets that nobody uses, all through one descriptor, so that one wait serves for all of them.
///
/// Threads: all of it from any thread. The sockets are named by numbers, because one may have been taken by a call, or
/// closed, while its event was on the way.
class IdleWatch final {
 public:
  /// Throws std::system_error when the system has no descriptor left.
  IdleWatch();
  IdleWatch(const IdleWatch&) = delete;
  IdleWatch& operator=(const IdleWatch&) = delete;
  ~IdleWatch();

  /// Reports `id` (above 0) once when something arrives at the socket. False when the system refuses.
  bool add(Socket& socket, std::uint64_t id) noexcept;
  void remove(Socket& socket) noexcept;
  /// Makes the watch readable for no socket's sake.
  void poke() noexcept;

  /// The ids reported since the last time. On the thread of the engine that has adopted socket(), if one has.
  [[nodiscard]] std::vector<std::uint64_t> collect();
  /// Readable when collect() has something, or after poke().
  [[nodiscard]] Socket& socket() noexcept;

 private:
  int epoll_;
  int poke_;
  const ForkMark mark_;
  std::unique_ptr<DescriptorSocket> socket_;  // a copy of the epoll descriptor, as something to wait for
};

}  // namespace okhttp::internal
