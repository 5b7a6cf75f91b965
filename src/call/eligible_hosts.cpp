#include "call/eligible_hosts.hpp"

#include <algorithm>
#include <utility>

namespace okhttp::internal {
namespace {

bool waits_longer(const DispatchHost& left, const DispatchHost& right) noexcept {
  return left.ready.front()->sequence < right.ready.front()->sequence;
}

}  // namespace

void EligibleHosts::reserve(std::size_t hosts) {
  if (hosts > heap_.capacity()) heap_.reserve(std::max(hosts, 2 * heap_.capacity()));
}

void EligibleHosts::update(DispatchHost& host, bool eligible) noexcept {
  const bool present = host.heap_index != DispatchHost::kNotEligible;
  if (!eligible) {
    if (present) remove(host.heap_index);
    return;
  }
  if (!present) {
    host.heap_index = heap_.size();
    heap_.push_back(&host);
  }
  move_up(host.heap_index);
  move_down(host.heap_index);
}

void EligibleHosts::remove(std::size_t index) noexcept {
  heap_[index]->heap_index = DispatchHost::kNotEligible;
  DispatchHost& last = *heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  put(index, last);
  move_up(index);
  move_down(last.heap_index);
}

void EligibleHosts::put(std::size_t index, DispatchHost& host) noexcept {
  heap_[index] = &host;
  host.heap_index = index;
}

void EligibleHosts::move_up(std::size_t index) noexcept {
  DispatchHost& host = *heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (!waits_longer(host, *heap_[parent])) break;
    put(std::exchange(index, parent), *heap_[parent]);
  }
  put(index, host);
}

void EligibleHosts::move_down(std::size_t index) noexcept {
  DispatchHost& host = *heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && waits_longer(*heap_[child + 1], *heap_[child])) ++child;
    if (!waits_longer(*heap_[child], host)) break;
    put(std::exchange(index, child), *heap_[child]);
  }
  put(index, host);
}

}  // namespace okhttp::internal
