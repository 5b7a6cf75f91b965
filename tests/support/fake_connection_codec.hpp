#pragma once

#include <okhttp/error.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/http1/http1_connection_codec.hpp"
#include "connection/codec_factory.hpp"
#include "support/memory_stream.hpp"

namespace okhttp::internal {

/// How an exchange on a FakeConnectionCodec fails when its answer is asked for.
struct FakeFailure {
  explicit FakeFailure(Errc how) : code(how) {}
  Errc code;
  bool reached_peer = true;
  bool connection_survives = true;
  std::optional<std::size_t> max_by_then;  // how many exchanges the peer allows when that happens
};

/// Claims to carry many exchanges at once, as its test says. Every request is answered at once with 200 and the body
/// "fake", unless a failure or another code was scripted.
class FakeConnectionCodec final : public ConnectionCodec, public std::enable_shared_from_this<FakeConnectionCodec> {
 public:
  explicit FakeConnectionCodec(std::unique_ptr<Stream> stream = MemorySocket::make_pair().first,
                               Protocol protocol = Protocol::h2_prior_knowledge)
      : stream_(std::move(stream)), protocol_(protocol) {}

  // What it says. From any thread.
  std::atomic<std::size_t> max{100};
  std::atomic<bool> over{false};
  std::atomic<bool> unattended{true};
  std::atomic<bool> looks_good{true};
  std::atomic<std::size_t> looks{0};

  /// For the next exchanges, one each.
  void fail_next(FakeFailure failure) {
    const std::lock_guard lock(mutex_);
    failures_.push_back(failure);
  }
  void answer_next(int code) {
    const std::lock_guard lock(mutex_);
    codes_.push_back(code);
  }
  /// As when SETTINGS or GOAWAY came.
  void tell_change() const {
    if (changed_) changed_();
  }
  [[nodiscard]] std::size_t open() const noexcept { return open_; }
  [[nodiscard]] std::size_t most_open() const noexcept { return most_open_; }
  [[nodiscard]] std::size_t begun() const noexcept { return begun_; }

  [[nodiscard]] Protocol protocol() const noexcept override { return protocol_; }
  [[nodiscard]] Socket& socket() noexcept override { return stream_->socket(); }
  [[nodiscard]] std::size_t max_exchanges() const noexcept override { return max; }
  [[nodiscard]] bool is_over() const noexcept override { return over; }
  [[nodiscard]] bool is_unattended() const noexcept override { return unattended; }
  [[nodiscard]] std::optional<Duration> peer_keep_alive() const noexcept override { return std::nullopt; }
  [[nodiscard]] ExchangeCodecPtr begin(std::shared_ptr<CallContext>) override {
    const std::lock_guard lock(mutex_);
    ++begun_;
    most_open_ = std::max<std::size_t>(most_open_, ++open_);
    std::optional<FakeFailure> failure;
    int code = 200;
    if (!failures_.empty()) {
      failure = failures_.front();
      failures_.pop_front();
    } else if (!codes_.empty()) {
      code = codes_.front();
      codes_.pop_front();
    }
    return ExchangeCodecPtr(new FakeStream(shared_from_this(), failure, code));
  }
  [[nodiscard]] bool look(Engine& engine) noexcept override {
    engine.adopt(stream_->socket());
    stream_->socket().allow_one_read();
    std::byte arrived[64];
    (void)stream_->try_read(arrived);
    ++looks;  // last: what comes from now on is for the next look
    return looks_good;
  }
  void on_change(std::function<void()> changed) override { changed_ = std::move(changed); }

 private:
  class FakeStream final : public ExchangeCodec {
   public:
    FakeStream(std::shared_ptr<FakeConnectionCodec> connection, std::optional<FakeFailure> failure, int code)
        : connection_(std::move(connection)), failure_(failure), code_(code) {}

    [[nodiscard]] Protocol protocol() const noexcept override { return connection_->protocol_; }
    void write_request_headers(const Request&) override {}
    Task<void> write_request_body(ConstBytes) override { co_return; }
    Task<void> flush_request() override { co_return; }
    Task<void> finish_request() override { co_return; }
    [[nodiscard]] bool may_have_reached_peer() const noexcept override { return !failure_ || failure_->reached_peer; }
    Task<ResponseHead> read_response_head() override {
      if (failure_ && failure_->max_by_then) connection_->max = *failure_->max_by_then;
      if (failure_) throw Error(failure_->code, Blame::peer, "as scripted");
      ResponseHead head(connection_->protocol_, code_, "OK", Headers());
      co_return head;
    }
    [[nodiscard]] std::optional<std::uint64_t> response_length() const noexcept override { return std::nullopt; }
    Task<std::size_t> read_response_body(Bytes into) override {
      const std::string_view body = "fake";
      if (complete_) co_return 0;
      complete_ = true;
      std::copy_n(as_bytes(body).begin(), body.size(), into.begin());
      co_return body.size();
    }
    [[nodiscard]] bool is_response_complete() const noexcept override { return complete_; }
    [[nodiscard]] Headers trailers() const override { return Headers(); }
    [[nodiscard]] DiscardedBody discard_response_body(std::size_t) noexcept override {
      DiscardedBody discarded;
      discarded.is_complete = complete_ = true;
      return discarded;
    }
    [[nodiscard]] bool connection_survives() const noexcept override {
      return !failure_ || failure_->connection_survives;
    }
    void end() noexcept override {
      --connection_->open_;
      delete this;
    }

   private:
    const std::shared_ptr<FakeConnectionCodec> connection_;
    const std::optional<FakeFailure> failure_;
    const int code_;
    bool complete_ = false;
  };

  const std::unique_ptr<Stream> stream_;
  const Protocol protocol_;
  std::function<void()> changed_;
  std::atomic<std::size_t> open_{0};
  std::atomic<std::size_t> most_open_{0};
  std::atomic<std::size_t> begun_{0};
  std::mutex mutex_;
  std::deque<FakeFailure> failures_;
  std::deque<int> codes_;
};

/// Makes FakeConnectionCodecs where HTTP/2 was agreed upon, and remembers them.
class FakeCodecFactory final : public CodecFactory {
 public:
  std::size_t max = 100;            // of the connections to be made
  bool servers_know_http_2 = true;  // else what was asked for as HTTP/2 turns out to be HTTP/1.1

  [[nodiscard]] std::shared_ptr<ConnectionCodec> make(Protocol protocol, std::unique_ptr<Stream> stream,
                                                      const Route& route) const override {
    if (protocol == Protocol::http_1_1 || !servers_know_http_2) {
      return std::make_shared<Http1ConnectionCodec>(std::move(stream), route.address().to_string());
    }
    auto codec = std::make_shared<FakeConnectionCodec>(std::move(stream), protocol);
    codec->max = max;
    const std::lock_guard lock(mutex_);
    made_.push_back(codec);
    return codec;
  }

  [[nodiscard]] std::vector<std::shared_ptr<FakeConnectionCodec>> made() const {
    const std::lock_guard lock(mutex_);
    return made_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::vector<std::shared_ptr<FakeConnectionCodec>> made_;
};

}  // namespace okhttp::internal
