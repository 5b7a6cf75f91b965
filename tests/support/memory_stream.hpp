#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "runtime/stream.hpp"

namespace okhttp::internal {

/// What a MemorySocket does to whoever reads and writes it.
struct MemoryScript {
  static constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

  std::size_t read_size = kUnlimited;   // at most so much a read
  std::size_t write_size = kUnlimited;  // at most so much a write
  std::size_t capacity = kUnlimited;    // so much may be under way before writes would block
  std::size_t cut_after = kUnlimited;   // the connection ends once so much has been read
  std::error_code cut_error;            // with this instead of an orderly end
  bool every_other_blocks = false;      // each second read and write would block
};

/// One end of a connection in memory. Both ends are used by one thread.
class MemorySocket final : public Socket {
 public:
  using Ends = std::pair<std::unique_ptr<MemorySocket>, std::unique_ptr<MemorySocket>>;

  [[nodiscard]] static Ends make_pair() {
    auto there = std::make_shared<Direction>();
    auto back = std::make_shared<Direction>();
    return Ends(std::unique_ptr<MemorySocket>(new MemorySocket(there, back)),
                std::unique_ptr<MemorySocket>(new MemorySocket(back, there)));
  }
  ~MemorySocket() override { outgoing_->ended = true; }

  MemoryScript script;
  std::size_t reads = 0;   // that moved bytes
  std::size_t writes = 0;  // that moved bytes
  std::size_t looks = 0;   // every call of try_read
  std::size_t bytes_read = 0;

  /// What the peer sent and nobody has read.
  [[nodiscard]] std::string& unread() noexcept { return incoming_->bytes; }

  [[nodiscard]] IoResult try_read(Bytes into) noexcept override {
    ++looks;
    if (script.every_other_blocks && (looks % 2 == 1)) return IoResult(IoStatus::would_block_read, 0);
    if (bytes_read >= script.cut_after) {
      if (script.cut_error) return IoResult(IoStatus::failed, 0, script.cut_error);
      return IoResult(IoStatus::end, 0);
    }
    std::string& bytes = incoming_->bytes;
    if (bytes.empty()) return IoResult(incoming_->ended ? IoStatus::end : IoStatus::would_block_read, 0);
    const std::size_t count = std::min({into.size(), bytes.size(), script.read_size, script.cut_after - bytes_read});
    std::copy_n(as_bytes(bytes).begin(), count, into.begin());
    bytes.erase(0, count);
    bytes_read += count;
    ++reads;
    return IoResult(IoStatus::ok, count);
  }

  [[nodiscard]] IoResult try_write(std::span<const ConstBytes> from) noexcept override {
    ++tries_;
    if (script.every_other_blocks && (tries_ % 2 == 1)) return IoResult(IoStatus::would_block_write, 0);
    std::size_t room = script.capacity - std::min(script.capacity, outgoing_->bytes.size());
    room = std::min(room, script.write_size);
    if (room == 0) return IoResult(IoStatus::would_block_write, 0);
    std::size_t count = 0;
    for (const ConstBytes& piece : from) {
      const std::string_view part = as_text(piece).substr(0, room - count);
      outgoing_->bytes += part;
      count += part.size();
    }
    ++writes;
    return IoResult(IoStatus::ok, count);
  }

  [[nodiscard]] bool is_quiet() noexcept override { return incoming_->bytes.empty() && !incoming_->ended; }
  void shut_down_write() noexcept override { outgoing_->ended = true; }
  [[nodiscard]] std::error_code connect_result() noexcept override { return {}; }
  [[nodiscard]] Endpoint local_endpoint() const noexcept override { return Endpoint(); }
  [[nodiscard]] Endpoint peer_endpoint() const noexcept override { return Endpoint(); }
  [[nodiscard]] int descriptor() const noexcept override { return -1; }
  void allow_one_read() noexcept override {}
  void reset_on_close() noexcept override {}

 private:
  struct Direction {
    std::string bytes;
    bool ended = false;
  };
  MemorySocket(std::shared_ptr<Direction> incoming, std::shared_ptr<Direction> outgoing) noexcept
      : incoming_(std::move(incoming)), outgoing_(std::move(outgoing)) {}

  std::shared_ptr<Direction> incoming_;
  std::shared_ptr<Direction> outgoing_;
  std::size_t tries_ = 0;
};

}  // namespace okhttp::internal
