#include "calls.hpp"

#include <exception>
#include <future>
#include <memory>
#include <utility>

namespace demo {
namespace {

using okhttp::Call;
using okhttp::Client;
using okhttp::Response;
using okhttp::Result;
using okhttp::Task;

/// 1. Blocks this thread until the answer is there.
Answer run_blocking(const Call& call) {
  const Response response = call.execute();
  return Answer(response, response.body().string());
}

/// 2. Calls back on a thread of the dispatcher's executor, where blocking is fine.
Answer run_with_callback(const Call& call) {
  const auto promise = std::make_shared<std::promise<Answer>>();
  call.enqueue([promise](const Call&, Result<Response> result) {
    try {
      const Response response = std::move(result).value();
      promise->set_value(Answer(response, response.body().string()));
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
  });
  return promise->get_future().get();
}

/// 3. Suspends a coroutine, which here is waited for by sync_wait().
Task<Answer> await_call(Call call) {
  const Response response = co_await call;
  std::string text = co_await response.body().async().string();
  Answer answer(response, std::move(text));
  co_return answer;
}

Answer run_awaited(const Call& call) { return okhttp::sync_wait(await_call(call)); }

}  // namespace

const std::vector<Style>& styles() {
  static const std::vector<Style> all = {
      {"execute", run_blocking}, {"enqueue", run_with_callback}, {"co_await", run_awaited}};
  return all;
}

RecordingClient::RecordingClient(const okhttp::TlsConfig& tls)
    : client_(Client::Builder()
                  .tls(tls)
                  .call_timeout(std::chrono::seconds(30))
                  .event_listener_factory([last = last_](const Call&) {
                    *last = std::make_shared<Timeline>();
                    return *last;
                  })
                  .build()) {}

RecordingClient::Outcome RecordingClient::run(const Style& style, const okhttp::Request& request) {
  const auto start = std::chrono::steady_clock::now();
  Answer answer = style.run(client_.new_call(request));
  const auto time = std::chrono::steady_clock::now() - start;
  return Outcome{std::move(answer), *last_, time};
}

}  // namespace demo
