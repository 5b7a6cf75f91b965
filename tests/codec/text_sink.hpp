#pragma once

#include <okhttp/error.hpp>
#include <okhttp/request_body.hpp>

#include <string>
#include <utility>
#include <vector>

#include "runtime/calling_thread.hpp"

namespace okhttp::internal {

/// Keeps what a body writes, piece by piece.
class TextSink final : public BodySink {
 public:
  using BodySink::write;

  Task<void> write(std::span<const std::byte> bytes) override {
    if (pieces_.size() + 1 == fails_at_) throw Error(Errc::connection_closed, "the sink is broken");
    pieces_.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    co_return;
  }
  Task<void> flush() override {
    ++flushes_;
    co_return;
  }

  /// Has the whole body written, on this thread.
  void take(const RequestBody& body) {
    CallingThread thread;
    thread.run(body.write_to(*this));
  }

  /// Makes that write fail, counted from 1.
  void fail_at(std::size_t write) noexcept { fails_at_ = write; }

  [[nodiscard]] const std::vector<std::string>& pieces() const noexcept { return pieces_; }
  [[nodiscard]] int flushes() const noexcept { return flushes_; }
  [[nodiscard]] std::string text() const {
    std::string all;
    for (const std::string& piece : pieces_) all += piece;
    return all;
  }

 private:
  std::vector<std::string> pieces_;
  int flushes_ = 0;
  std::size_t fails_at_ = 0;
};

inline std::string text_of(const RequestBody& body) {
  TextSink sink;
  sink.take(body);
  return sink.text();
}

}  // namespace okhttp::internal
