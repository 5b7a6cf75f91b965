#pragma once

#include <okhttp/error.hpp>
#include <okhttp/mockwebserver/upgraded_socket.hpp>
#include <okhttp/task.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "runtime/stream.hpp"
#include "support/raw_client.hpp"

namespace okhttp::testing {

/// What all sockets here have in common.
class SimpleSocket : public UpgradedSocket {
 public:
  Task<std::string> read_exactly(std::size_t count) override {
    std::string read(count, '\0');
    std::size_t filled = 0;
    while (filled < count) {
      const std::span<std::byte> rest(reinterpret_cast<std::byte*>(read.data()) + filled, count - filled);
      const std::size_t more = co_await read_some(rest);
      if (more == 0) break;
      filled += more;
    }
    read.resize(filled);
    co_return read;
  }
};

/// A blocking client: its tasks are done when they return.
class BlockingSocket final : public SimpleSocket {
 public:
  explicit BlockingSocket(RawClient& client) noexcept : client_(client) {}

  Task<std::size_t> read_some(std::span<std::byte> into) override {
    const std::string read = client_.read_some(into.size());
    std::memcpy(into.data(), read.data(), read.size());
    co_return read.size();
  }
  Task<void> write(std::string bytes) override {
    client_.send(bytes);
    co_return;
  }
  void shut_down_write() noexcept override { client_.shut_down_write(); }

 private:
  RawClient& client_;
};

/// Any stream on the engine that has adopted it, in memory or not.
class StreamSocket final : public SimpleSocket {
 public:
  StreamSocket(internal::Engine& engine, internal::Stream& stream) noexcept : engine_(engine), stream_(stream) {}

  Task<std::size_t> read_some(std::span<std::byte> into) override {
    const internal::IoResult result = co_await internal::ReadSome(engine_, internal::WaitTerms(), stream_, into);
    if (result.status == internal::IoStatus::end) co_return 0;
    if (!result.ok()) throw Error(Errc::connection_closed, Blame::peer, "the stream failed", result.error);
    co_return result.bytes;
  }
  Task<void> write(std::string bytes) override {
    const internal::IoResult result =
        co_await internal::WriteAll(engine_, internal::WaitTerms(), stream_, internal::as_bytes(bytes));
    if (!result.ok()) throw Error(Errc::connection_closed, Blame::peer, "the stream failed", result.error);
  }
  void shut_down_write() noexcept override { stream_.shut_down_write(); }

 private:
  internal::Engine& engine_;
  internal::Stream& stream_;
};

}  // namespace okhttp::testing
