#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "directory.hpp"

namespace okhttp::sqlite {

/// How often the entries of a database were changed, in memory shared by all processes that use the directory.
///
/// Whoever changes them raises it before the change can be seen, and once more after: so what was read from the
/// database after the counter had been is still true of it while the counter is the same. A process that is killed in
/// between, or knows nothing of this, leaves others without what it wrote until the next change; nobody waits for it.
/// Threads: any.
class ChangeCounter final {
 public:
  /// Null when there can be none; nothing depends on it but speed.
  [[nodiscard]] static std::shared_ptr<ChangeCounter> open(const Directory& directory) noexcept;
  explicit ChangeCounter(void* shared) noexcept : number_(static_cast<Number*>(shared)) {}
  ChangeCounter(const ChangeCounter&) = delete;
  ChangeCounter& operator=(const ChangeCounter&) = delete;
  ~ChangeCounter();

  [[nodiscard]] std::uint64_t value() const noexcept { return number_->load(); }
  /// Yields the value before.
  std::uint64_t raise() noexcept { return number_->fetch_add(1); }

 private:
  using Number = std::atomic<std::uint64_t>;
  static_assert(Number::is_always_lock_free, "what processes share must not hold a lock of one of them");

  Number* const number_;
};

}  // namespace okhttp::sqlite
