#include "support/simulated_call.hpp"

#include <okhttp/request_body.hpp>
#include <okhttp/response.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "connection/exchange.hpp"
#include "interceptors/recovery.hpp"
#include "runtime/call_context.hpp"
#include "runtime/loop_provider.hpp"

namespace okhttp::internal {
namespace {

/// What the chain makes of a failure.
bool is_sent_again(Transmission& transmission, const Error& error, const Request& request) {
  AttemptFacts facts;
  facts.has_another_way = transmission.has_another_way();
  if (const FailedExchange* failed = transmission.failed_exchange(); failed != nullptr) {
    facts.may_have_reached_peer = failed->may_have_reached_peer;
    facts.body_begun = failed->request_body_begun;
    facts.body_failed = failed->request_body_failed;
  }
  return recover(error, request, FollowUpPolicy(), facts) == Recovery::retry;
}

}  // namespace

std::string answer_to(const std::string& path) {
  std::uint64_t size = 7;
  for (const char c : path) size = size * 31 + static_cast<unsigned char>(c);
  std::string text;
  while (text.size() < size % 700) text += path + ";";
  return text;
}

int Ledger::most_often() const {
  int most = 0;
  for (const auto& [path, times] : processed_) most = std::max(most, times);
  return most;
}

SimulatedCall::SimulatedCall(SimulatedEngine& engine, std::shared_ptr<const ConnectionSettings> settings,
                             const Call& call, const Faults& faults, int number)
    : engine_(engine),
      settings_(std::move(settings)),
      faults_(faults),
      number_(number),
      context_(std::make_shared<CallContext>(std::make_shared<LoopProvider>("never started"))) {
  context_->call = &call;
  context_->listener = balance_;
}

void SimulatedCall::wait_for_ever() noexcept {
  context_->timeouts.read = Timeouts::Duration::zero();
  context_->timeouts.write = Timeouts::Duration::zero();
}

Task<void> SimulatedCall::run() {
  SeededRandom& random = engine_.simulation().random();
  Sleep start(engine_, WaitTerms(nullptr, engine_.now() + std::chrono::milliseconds(random.below(3'000))));
  (void)co_await start;
  context_->attach(engine_);
  if (happens(faults_.cancel)) context_->deadline = engine_.now() + std::chrono::milliseconds(random.below(20'000));
  if (happens(faults_.cancel)) {
    engine_.simulation().at(engine_.now() + std::chrono::microseconds(random.below(200'000)),
                            [cancellation = context_->cancellation] { cancellation->request(); });
  }
  const auto transmission = std::make_shared<Transmission>(*this, context_, settings_);
  std::optional<ResponseBody> last;
  std::string path;
  const std::size_t exchanges = random.between(1, 3);
  try {
    for (std::size_t i = 0; i < exchanges; ++i) {
      path = "/" + std::to_string(number_) + "/" + std::to_string(i);
      if (last) co_await read(*last, path_before_);
      last.reset();
      Task<ResponseBody> asking = ask(transmission, path);
      ResponseBody body = co_await std::move(asking);
      last.emplace(std::move(body));
      path_before_ = path;
    }
  } catch (const Error& error) {
    failure_ = error;
  }
  if (failure_) {
    last.reset();
    transmission->fail(*failure_);
    co_return;
  }
  transmission->no_more_exchanges();
  try {
    co_await read(*last, path);
  } catch (const Error& error) {
    failure_ = error;
  }
}

void SimulatedCall::check(const std::string& where) const {
  EXPECT_EQ(ended_, 1) << where;
  EXPECT_FALSE(wrong_answer_) << where;
  EXPECT_EQ(balance_->ends, 1) << where;
  EXPECT_EQ(balance_->waits, 0) << where;
  EXPECT_EQ(balance_->acquired, 0) << where;
  EXPECT_EQ(balance_->requests, 0) << where;
  EXPECT_EQ(balance_->responses, 0) << where;
  EXPECT_FALSE(balance_->told_after_the_end) << where;
}

Task<ResponseBody> SimulatedCall::ask(std::shared_ptr<Transmission> transmission, std::string path) {
  SeededRandom& random = engine_.simulation().random();
  const std::string host = "10.0.0." + std::to_string(random.between(1, 2));
  Request::Builder builder;
  builder.url("http://" + host + path);
  const bool posts = random.one_in(3);
  if (posts) {
    const std::string body(random.between(1, 900), 'p');
    builder.header("Content-Length", std::to_string(body.size()));
    builder.method("POST", RequestBody::create(body));
  }
  const Request request = builder.build();
  transmission->prepare(request);
  for (int attempt = 0;; ++attempt) {
    std::optional<Error> failure;
    try {
      Task<ResponseBody> once = ask_once(transmission, request);
      ResponseBody body = co_await std::move(once);
      co_return body;
    } catch (const Error& error) {
      failure = error;
    }
    if (attempt == 20 || !is_sent_again(*transmission, *failure, request)) throw *failure;
    ++retries_;
  }
}

Task<ResponseBody> SimulatedCall::ask_once(std::shared_ptr<Transmission> transmission, Request request) {
  std::shared_ptr<Exchange> exchange = co_await transmission->new_exchange();
  try {
    exchange->write_request_headers(request);
    if (request.body() != nullptr) co_await exchange->write_request_body(*request.body());
    co_await exchange->finish_request();
  } catch (const Error&) {
    if (!exchange->may_still_be_answered()) throw;
  }
  ResponseHead head = co_await exchange->read_response_head();
  Response::Builder response;
  response.request(request).protocol(head.protocol).code(head.code).message(head.message).headers(head.headers);
  exchange->response_headers_read(response);
  ResponseBody body = exchange->open_response_body(head);
  co_return body;
}

Task<void> SimulatedCall::read(ResponseBody& body, std::string path) {
  SeededRandom& random = engine_.simulation().random();
  const std::string expected = answer_to(path);
  std::string text;
  std::vector<std::byte> buffer(random.between(1, 900));
  const std::size_t enough = happens(faults_.drop) ? random.below(400) : expected.size() + 1;
  while (text.size() < enough) {
    const std::size_t count = co_await body.async().read_some(buffer);
    if (count == 0) break;
    text += as_text(ConstBytes(buffer).first(count));
  }
  // Whatever went wrong afterwards, not one byte may be another's.
  if (text != expected.substr(0, text.size())) wrong_answer_ = true;
  if (text.size() < enough && text != expected) wrong_answer_ = true;
  body.close();
}

}  // namespace okhttp::internal
