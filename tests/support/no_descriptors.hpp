#pragma once

namespace okhttp::internal {

/// While it lives, this thread is told EMFILE by the system calls that make an epoll set, an eventfd or a copy of a
/// descriptor. Other threads are not, nor is anything else of this one: sanitizers open descriptors too.
///
/// The calls are replaced in every test binary that names this class.
class NoDescriptors {
 public:
  NoDescriptors() noexcept;
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors();

  /// How many calls were refused to this thread since this was made.
  [[nodiscard]] int refused() const noexcept;
};

}  // namespace okhttp::internal
