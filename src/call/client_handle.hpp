#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "call/client_core.hpp"

namespace okhttp::internal {

/// The clients that were derived from one another, as long as any of them exists: when the last is gone, their calls in
/// flight end with Errc::canceled. Nothing waits for that.
class ClientFamily final {
 public:
  ClientFamily() = default;
  ClientFamily(const ClientFamily&) = delete;
  ClientFamily& operator=(const ClientFamily&) = delete;
  ~ClientFamily();

  /// Notes a dispatcher that the family's calls may be listed in.
  void watch(const Dispatcher& dispatcher, std::shared_ptr<LoopProvider> loops);

 private:
  std::mutex mutex_;
  std::vector<Dispatcher> dispatchers_;
  std::shared_ptr<LoopProvider> loops_;  // tells the family's calls from those of others in a shared dispatcher
};

/// What a Client is a handle to. Destroyed in a child of the process that made it, it leaves all to the parent.
class ClientHandle final {
 public:
  ClientHandle(std::shared_ptr<const ClientCore> core, std::shared_ptr<ClientFamily> family) noexcept
      : core_(std::move(core)), family_(std::move(family)) {}
  ClientHandle(const ClientHandle&) = delete;
  ClientHandle& operator=(const ClientHandle&) = delete;
  ~ClientHandle() {
    if (!core_->loops->is_inherited()) return;
    leave_to_parent(core_);
    leave_to_parent(family_);
  }

  [[nodiscard]] const std::shared_ptr<const ClientCore>& core() const noexcept { return core_; }
  [[nodiscard]] const std::shared_ptr<ClientFamily>& family() const noexcept { return family_; }

 private:
  const std::shared_ptr<const ClientCore> core_;
  const std::shared_ptr<ClientFamily> family_;
};

/// What the library takes out of a Client.
struct ClientAccess {
  /// What is built shares nothing with the client that the settings were derived from: no pool, dispatcher or loop.
  static void make_independent(Client::Builder& builder) noexcept;
  [[nodiscard]] static const ClientCore& core(const Client& client) noexcept { return *client.handle_->core(); }
};

}  // namespace okhttp::internal
