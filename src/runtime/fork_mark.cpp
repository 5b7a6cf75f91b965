#include "runtime/fork_mark.hpp"

#include <pthread.h>

#include <atomic>
#include <utility>

namespace okhttp::internal {
namespace {

std::atomic<std::uint32_t> forks{0};  // that lie between this process and the one in which the library was first used

struct Left {
  std::shared_ptr<const void> what;
  Left* next;
};
std::atomic<Left*> all_left{nullptr};  // found by leak checkers, freed by nobody

}  // namespace

ForkMark::ForkMark() noexcept {
  [[maybe_unused]] static const int registered =
      ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  generation_ = forks.load(std::memory_order_relaxed);
}

bool ForkMark::is_inherited() const noexcept { return generation_ != forks.load(std::memory_order_relaxed); }

void leave_to_parent(std::shared_ptr<const void> inherited) {
  auto* const left = new Left{std::move(inherited), all_left.load(std::memory_order_relaxed)};
  while (!all_left.compare_exchange_weak(left->next, left)) {
  }
}

}  // namespace okhttp::internal
