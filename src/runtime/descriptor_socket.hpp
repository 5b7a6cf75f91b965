#pragma once

#include <memory>

#include "runtime/readiness_set.hpp"
#include "runtime/stream.hpp"

namespace okhttp::internal {

/// A TCP socket of the operating system, for the loop and the calling thread alike.
///
/// The descriptor is in blocking mode and every operation that must not wait says so itself; that lets a calling thread
/// with nothing else to wait for block straight in recv(2). While a socket is being connected it is non-blocking.
class DescriptorSocket final : public Socket {
 public:
  /// Takes ownership of a connected descriptor, or of one being connected.
  explicit DescriptorSocket(int descriptor, bool connecting = false) noexcept
      : descriptor_(descriptor), connecting_(connecting) {}
  ~DescriptorSocket() override;

  [[nodiscard]] IoResult try_read(Bytes into) noexcept override;
  [[nodiscard]] IoResult try_write(std::span<const ConstBytes> from) noexcept override;
  [[nodiscard]] bool is_quiet() noexcept override;
  void shut_down_write() noexcept override;
  [[nodiscard]] std::error_code connect_result() noexcept override;
  [[nodiscard]] Endpoint local_endpoint() const noexcept override;
  [[nodiscard]] Endpoint peer_endpoint() const noexcept override;
  [[nodiscard]] int descriptor() const noexcept override { return descriptor_; }
  void reset_on_close() noexcept override;
  void allow_one_read() noexcept override;

  // For engines.

  /// Enters the socket in a loop's set, or with null takes it out, so that a calling thread may use it.
  /// False when the system refuses.
  bool move_to(std::shared_ptr<ReadinessSet> set) noexcept;
  [[nodiscard]] ReadinessSet::Entry* entry() const noexcept { return entry_; }
  [[nodiscard]] const ReadinessSet* set() const noexcept { return set_.get(); }

  /// The next reads block in the system for at most `patience` (0: for ever), until end_blocking().
  void begin_blocking(Duration patience) noexcept;
  void end_blocking() noexcept { read_mode_ = ReadMode::wait; }

 private:
  /// Whether a read may ask the system, when no loop knows of the socket.
  enum class ReadMode : std::uint8_t {
    wait,   // no: nothing says that there is something to read
    once,   // once: poll(2) says there is
    block,  // yes, and wait there
  };

  [[nodiscard]] bool may_read() const noexcept;
  void note_read(std::size_t wanted, ssize_t got) noexcept;

  int descriptor_;
  bool connecting_;
  ReadMode read_mode_ = ReadMode::wait;
  Duration patience_ = Duration::zero();  // SO_RCVTIMEO as it is set now
  ReadinessSet::Entry* entry_ = nullptr;  // in set_
  std::shared_ptr<ReadinessSet> set_;
};

/// Begins a non-blocking TCP connect. Null with `error` set when the system refuses at once.
[[nodiscard]] std::unique_ptr<DescriptorSocket> begin_tcp_connect(const ConnectRequest& request,
                                                                  std::error_code& error) noexcept;
/// Listens on TCP.
[[nodiscard]] std::unique_ptr<Listener> listen_tcp(const ListenRequest& request, std::error_code& error) noexcept;

}  // namespace okhttp::internal
