#pragma once

#include <okhttp/call.hpp>
#include <okhttp/error.hpp>
#include <okhttp/event_listener.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response_body.hpp>
#include <okhttp/task.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "connection/transmission.hpp"
#include "support/simulated_engine.hpp"

namespace okhttp::internal {

/// The answer that belongs to a path and to no other.
[[nodiscard]] std::string answer_to(const std::string& path);

/// How often what goes wrong; 0 is never.
struct Faults {
  std::size_t link = 0;    // a link that breaks, one in so many
  std::size_t server = 0;  // an answer that the server spoils
  std::size_t cancel = 0;
  std::size_t drop = 0;  // a body that is dropped half-read
};

/// What servers did with requests that must not be processed twice.
class Ledger {
 public:
  void process(const std::string& method, const std::string& path) {
    if (method == "POST") ++processed_[path];
  }
  /// How often the POST that was processed most often was.
  [[nodiscard]] int most_often() const;

 private:
  std::map<std::string, int> processed_;
};

/// Counts what has to come in pairs.
class Balance final : public EventListener {
 public:
  int waits = 0;
  int acquired = 0;
  int requests = 0;
  int responses = 0;
  int ends = 0;
  bool has_waited = false;
  bool told_after_the_end = false;

  void connection_wait_start(const Call&) override {
    note(waits, 1);
    has_waited = true;
  }
  void connection_wait_end(const Call&, const Error*) override { note(waits, -1); }
  void connection_acquired(const Call&, const ConnectionInfo&) override { note(acquired, 1); }
  void connection_released(const Call&, const ConnectionInfo&) override { note(acquired, -1); }
  void request_headers_start(const Call&) override { note(requests, 1); }
  void request_headers_end(const Call&, const Request&) override { note(requests, -1); }
  void request_body_start(const Call&) override { note(requests, 1); }
  void request_body_end(const Call&, std::uint64_t) override { note(requests, -1); }
  void request_failed(const Call&, const Error&) override { note(requests, -1); }
  void response_headers_start(const Call&) override { note(responses, 1); }
  void response_headers_end(const Call&, const Response&) override { note(responses, -1); }
  void response_body_start(const Call&) override { note(responses, 1); }
  void response_body_end(const Call&, std::uint64_t) override { note(responses, -1); }
  void response_failed(const Call&, const Error&) override { note(responses, -1); }
  void call_end(const Call&) override { note(ends, 1); }
  void call_failed(const Call&, const Error&) override { note(ends, 1); }

 private:
  void note(int& count, int by) {
    if (ends > 0) told_after_the_end = true;
    count += by;
  }
};

/// A call without its chain, on an engine of a simulation: a few exchanges with the servers 10.0.0.1 and 10.0.0.2 in
/// clear text, each tried again as the real one would.
class SimulatedCall final : public TransmissionOwner {
 public:
  /// `call` is a name for the listeners. `number` is part of the paths that are asked for.
  SimulatedCall(SimulatedEngine& engine, std::shared_ptr<const ConnectionSettings> settings, const Call& call,
                const Faults& faults, int number);

  /// Without time-outs of reading and writing, behind which a lost call could hide.
  void wait_for_ever() noexcept;
  Task<void> run();
  void transmission_ended(const Error* failure) noexcept override {
    ++ended_;
    tell_end_of_call(*context_, failure);
  }

  /// Once it was run: it ended once, in its own answer or in an error.
  void check(const std::string& where) const;
  [[nodiscard]] bool answered() const noexcept { return !failure_; }
  [[nodiscard]] bool has_waited() const noexcept { return balance_->has_waited; }
  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }
  /// How often a request was sent again after it failed.
  [[nodiscard]] int retries() const noexcept { return retries_; }

 private:
  bool happens(std::size_t one_in) { return one_in != 0 && engine_.simulation().random().one_in(one_in); }
  Task<ResponseBody> ask(std::shared_ptr<Transmission> transmission, std::string path);
  Task<ResponseBody> ask_once(std::shared_ptr<Transmission> transmission, Request request);
  Task<void> read(ResponseBody& body, std::string path);

  SimulatedEngine& engine_;
  const std::shared_ptr<const ConnectionSettings> settings_;
  const Faults faults_;
  const int number_;
  const std::shared_ptr<Balance> balance_ = std::make_shared<Balance>();
  const std::shared_ptr<CallContext> context_;
  std::string path_before_;
  std::optional<Error> failure_;
  int retries_ = 0;
  int ended_ = 0;
  bool wrong_answer_ = false;
};

}  // namespace okhttp::internal
