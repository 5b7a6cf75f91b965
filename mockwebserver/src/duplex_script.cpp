#include <okhttp/mockwebserver/duplex.hpp>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace okhttp {
namespace {

struct Step {
  enum class Kind : std::uint8_t {
    receive_request,
    exhaust_request,
    send_head,
    send_response,
    exhaust_response,
    cancel_stream,
    expect_canceled,
    sleep,
  };
  explicit Step(Kind what, std::string_view with = {}) : kind(what), text(with) {}
  Kind kind;
  std::string text;
  Http2ErrorCode code = Http2ErrorCode::no_error;
  std::chrono::milliseconds duration{0};
};

/// Reads on to the request's end, which must not come.
Task<void> await_break(DuplexStream& stream) {
  bool is_canceled = false;
  try {
    co_await stream.read_to_end();
    // The request is whole, so only the response can be canceled.
    co_await stream.sleep(std::chrono::hours(24));
  } catch (const std::exception&) {
    is_canceled = true;
  }
  if (!is_canceled) throw std::runtime_error("the client did not cancel");
}

Task<void> make(const Step& step, DuplexStream& stream) {
  switch (step.kind) {
    case Step::Kind::receive_request: {
      const std::string received = co_await stream.read_exactly(step.text.size());
      if (received != step.text) {
        throw std::runtime_error("expected '" + step.text + "' of the request, not '" + received + "'");
      }
      break;
    }
    case Step::Kind::exhaust_request: {
      const std::string rest = co_await stream.read_to_end();
      if (!rest.empty()) throw std::runtime_error("expected the end of the request, not '" + rest + "'");
      break;
    }
    case Step::Kind::send_head:
      co_await stream.send_head();
      break;
    case Step::Kind::send_response: {
      std::string bytes = step.text;
      co_await stream.write(std::move(bytes));
      break;
    }
    case Step::Kind::exhaust_response:
      co_await stream.end();
      break;
    case Step::Kind::cancel_stream:
      co_await stream.reset(step.code);
      break;
    case Step::Kind::expect_canceled:
      co_await await_break(stream);
      break;
    case Step::Kind::sleep:
      co_await stream.sleep(step.duration);
      break;
  }
}

}  // namespace

struct DuplexScript::State {
  std::vector<Step> steps;

  std::mutex mutex;  // guards what follows
  std::condition_variable ended;
  bool has_ended = false;
  std::string failure;

  void end(std::string why) {
    const std::lock_guard lock(mutex);
    has_ended = true;
    failure = std::move(why);
    ended.notify_all();
  }

  static Task<void> run(std::shared_ptr<State> state, DuplexStream& stream) {
    try {
      for (const Step& step : state->steps) co_await make(step, stream);
    } catch (const std::exception& failed) {
      state->end(failed.what());
      throw;
    }
    state->end({});
  }
};

DuplexScript::DuplexScript() : state_(std::make_shared<State>()) {}

DuplexScript& DuplexScript::receive_request(std::string_view expected) {
  state_->steps.emplace_back(Step::Kind::receive_request, expected);
  return *this;
}

DuplexScript& DuplexScript::exhaust_request() {
  state_->steps.emplace_back(Step::Kind::exhaust_request);
  return *this;
}

DuplexScript& DuplexScript::send_head() {
  state_->steps.emplace_back(Step::Kind::send_head);
  return *this;
}

DuplexScript& DuplexScript::send_response(std::string_view bytes) {
  state_->steps.emplace_back(Step::Kind::send_response, bytes);
  return *this;
}

DuplexScript& DuplexScript::exhaust_response() {
  state_->steps.emplace_back(Step::Kind::exhaust_response);
  return *this;
}

DuplexScript& DuplexScript::cancel_stream(Http2ErrorCode code) {
  state_->steps.emplace_back(Step::Kind::cancel_stream).code = code;
  return *this;
}

DuplexScript& DuplexScript::expect_canceled() {
  state_->steps.emplace_back(Step::Kind::expect_canceled);
  return *this;
}

DuplexScript& DuplexScript::sleep(std::chrono::milliseconds duration) {
  state_->steps.emplace_back(Step::Kind::sleep).duration = duration;
  return *this;
}

DuplexHandler DuplexScript::handler() const {
  return [state = state_](DuplexStream& stream) { return State::run(state, stream); };
}

void DuplexScript::await_success(std::chrono::milliseconds timeout) const {
  std::unique_lock lock(state_->mutex);
  if (!state_->ended.wait_for(lock, timeout, [this] { return state_->has_ended; })) {
    throw std::runtime_error("the script is not at its end");
  }
  if (!state_->failure.empty()) throw std::runtime_error(state_->failure);
}

}  // namespace okhttp
