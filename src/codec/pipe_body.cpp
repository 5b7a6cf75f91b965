#include <okhttp/error.hpp>
#include <okhttp/pipe_body.hpp>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "runtime/front_door.hpp"
#include "runtime/signal.hpp"

namespace okhttp {

/// Shared by those who write and by the coroutine that sends.
struct PipeBody::State {
  State(std::optional<MediaType> media_type, std::size_t most) : type(std::move(media_type)), capacity(most) {}

  const std::optional<MediaType> type;
  const std::size_t capacity;

  std::mutex mutex;  // guards what follows
  std::condition_variable room;
  std::string waiting;                     // to be sent
  std::size_t being_sent = 0;              // taken out of `waiting`, not sent yet
  bool is_used = false;                    // by a call
  bool is_closed = false;                  // nothing comes after what waits
  std::exception_ptr broken_off;           // why nothing is sent any more
  std::shared_ptr<internal::Signal> news;  // set when the sender has something to do; new for each of its waits

  void tell_sender() {
    if (news != nullptr) news->set();
  }
  void break_off(std::exception_ptr why) noexcept {
    const std::lock_guard lock(mutex);
    if (broken_off == nullptr) broken_off = std::move(why);
    room.notify_all();
    tell_sender();
  }

  /// Some bytes to be sent; none at the end. When there are none yet, `wait_for` is what tells of them.
  [[nodiscard]] std::string take(std::shared_ptr<internal::Signal>& wait_for) {
    const std::lock_guard lock(mutex);
    being_sent = 0;
    room.notify_all();
    if (broken_off != nullptr) std::rethrow_exception(broken_off);
    news = nullptr;
    if (waiting.empty() && !is_closed) wait_for = news = std::make_shared<internal::Signal>();
    being_sent = waiting.size();
    return std::exchange(waiting, std::string());
  }

  static Task<void> send(std::shared_ptr<State> state, BodySink& sink);
  static Task<void> send_all(State& state, BodySink& sink);
};

namespace {

std::exception_ptr canceled(const char* why) {
  return std::make_exception_ptr(Error(Errc::canceled, Blame::caller, why));
}

}  // namespace

Task<void> PipeBody::State::send_all(State& state, BodySink& sink) {
  for (;;) {
    std::shared_ptr<internal::Signal> news;
    const std::string piece = state.take(news);
    if (news != nullptr) {
      internal::Signal::Awaiter more(news, *internal::Engine::current(), internal::WaitTerms());
      const internal::WaitResult result = co_await more;
      if (result == internal::WaitResult::canceled) {
        throw Error(Errc::canceled, Blame::caller, "the client of the call is gone");
      }
      continue;
    }
    if (piece.empty()) co_return;
    co_await sink.write(std::string_view(piece));
    co_await sink.flush();
  }
}

Task<void> PipeBody::State::send(std::shared_ptr<State> state, BodySink& sink) {
  {
    const std::lock_guard lock(state->mutex);
    if (std::exchange(state->is_used, true)) throw std::logic_error("a pipe body is for one call");
  }
  try {
    Task<void> sending = send_all(*state, sink);
    co_await std::move(sending);
  } catch (...) {
    state->break_off(std::current_exception());
    throw;
  }
}

PipeBody::PipeBody(std::optional<MediaType> type, std::size_t capacity)
    : state_(std::make_shared<State>(std::move(type), capacity)) {
  if (capacity == 0) throw std::invalid_argument("a pipe body needs a capacity above 0");
}

PipeBody::~PipeBody() = default;

void PipeBody::write(std::span<const std::byte> bytes) {
  internal::refuse_to_block("PipeBody::write()", "co_await sink.write() in RequestBody::duplex()");
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  if (state.is_closed) throw std::logic_error("the pipe body is closed");
  while (!bytes.empty()) {
    const auto pending = [&] { return state.waiting.size() + state.being_sent; };
    state.room.wait(lock, [&] { return state.broken_off != nullptr || pending() < state.capacity; });
    if (state.broken_off != nullptr) std::rethrow_exception(state.broken_off);
    const std::size_t count = std::min(bytes.size(), state.capacity - pending());
    state.waiting.append(reinterpret_cast<const char*>(bytes.data()), count);
    bytes = bytes.subspan(count);
    state.tell_sender();
  }
}

void PipeBody::close() noexcept {
  const std::lock_guard lock(state_->mutex);
  state_->is_closed = true;
  state_->tell_sender();
}

void PipeBody::cancel() noexcept { state_->break_off(canceled("the request body was canceled")); }

std::optional<MediaType> PipeBody::content_type() const { return state_->type; }

Task<void> PipeBody::write_to(BodySink& sink) const { return State::send(state_, sink); }

void PipeBody::exchange_ended() const noexcept {
  state_->break_off(canceled("the exchange that the request body was for has ended"));
}

}  // namespace okhttp
