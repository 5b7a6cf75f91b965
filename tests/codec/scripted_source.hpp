#pragma once

#include <okhttp/error.hpp>
#include <okhttp/response_body.hpp>

#include <algorithm>
#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine.hpp"

namespace okhttp::internal {

/// Resumes by a job of the engine that runs it, so that whoever awaits it is really suspended.
class Detour final : private Job {
 public:
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept {
    waiter_ = waiter;
    Engine::current()->post(*this);
  }
  void await_resume() const noexcept {}

 private:
  void run() noexcept override { waiter_.resume(); }
  std::coroutine_handle<> waiter_;
};

/// What happened to a source, for the test that let go of it.
struct SourceLog {
  std::vector<std::size_t> asked;  ///< how much each read asked for
  bool is_destroyed = false;
};

/// Gives pieces as they were scripted, then the end or a failure.
class ScriptedSource final : public BodySource {
 public:
  explicit ScriptedSource(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  ~ScriptedSource() override { log_->is_destroyed = true; }

  ScriptedSource& fail_at_end(Error error) {
    failure_ = std::move(error);
    return *this;
  }
  ScriptedSource& trailers(Headers trailers) {
    trailers_ = std::move(trailers);
    return *this;
  }
  /// Knows with its last piece that there is no more.
  ScriptedSource& tell_end() {
    tells_end_ = true;
    return *this;
  }
  /// Every read suspends first.
  ScriptedSource& suspend() {
    suspends_ = true;
    return *this;
  }
  [[nodiscard]] std::shared_ptr<SourceLog> log() const { return log_; }

  Task<std::size_t> read_some(std::span<std::byte> into) override {
    log_->asked.push_back(into.size());
    if (suspends_) {
      Detour detour;
      co_await detour;
    }
    if (next_ == pieces_.size()) {
      if (failure_) throw *failure_;
      co_return 0;
    }
    std::string& piece = pieces_[next_];
    const std::size_t count = std::min(piece.size(), into.size());
    std::copy_n(std::as_bytes(std::span(piece)).begin(), count, into.begin());
    piece.erase(0, count);
    if (piece.empty()) ++next_;
    co_return count;
  }

  [[nodiscard]] bool is_at_end() const noexcept override { return tells_end_ && next_ == pieces_.size(); }
  [[nodiscard]] Headers trailers() const override { return trailers_; }

 private:
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
  std::optional<Error> failure_;
  Headers trailers_;
  bool suspends_ = false;
  bool tells_end_ = false;
  std::shared_ptr<SourceLog> log_ = std::make_shared<SourceLog>();
};

}  // namespace okhttp::internal
