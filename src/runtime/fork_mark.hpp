#pragma once

#include <cstdint>
#include <memory>

namespace okhttp::internal {

/// Tells in which process something was made. A fork copies what the library keeps, but not its threads, and what the
/// copies name, sockets above all, the child shares with its parent: in the child they are of no use and not to be
/// touched. Locks may be held there by threads that do not exist.
///
/// Costs a load to ask. Safe from any thread.
class ForkMark {
 public:
  ForkMark() noexcept;
  /// True in a child that was forked since this was made.
  [[nodiscard]] bool is_inherited() const noexcept;

 private:
  std::uint32_t generation_;
};

/// Keeps what a child has inherited from being destroyed there.
void leave_to_parent(std::shared_ptr<const void> inherited);

}  // namespace okhttp::internal
