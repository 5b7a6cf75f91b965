#pragma once

#include <okhttp/client.hpp>
#include <okhttp/response.hpp>

#include <chrono>
#include <optional>
#include <string>

#include "okcurl/cookies.hpp"
#include "okcurl/options.hpp"
#include "okcurl/output.hpp"
#include "okcurl/request_plan.hpp"
#include "okcurl/retry_plan.hpp"
#include "okcurl/transfer_watch.hpp"
#include "okcurl/verbose_listener.hpp"

namespace okcurl {

/// One URL's way: its request, the redirects that -L follows, and the answer's way to the output.
class Transfer {
 public:
  Transfer(const Options& options, const okhttp::Client& client, const RequestPlan& plan, TransferWatch& watch,
           VerboseListener* verbose, const Cookies& cookies)
      : options_(options), client_(client), plan_(plan), cookies_(cookies), watch_(watch), verbose_(verbose) {}

  /// Throws Failure.
  void run(const Target& target, Output& output);
  /// What run() came to, as far as it decides whether to try again; `code` says how it ended.
  [[nodiscard]] Attempt attempt(ExitCode code) const;

 private:
  void write_heads(const okhttp::Response& response, Output& output) const;
  [[nodiscard]] okhttp::Response exchange(const Hop& hop);
  [[nodiscard]] std::optional<Hop> next(const Hop& hop, const okhttp::Response& response);
  void skip_body(const okhttp::Response& response) const;
  void write_body(const okhttp::Response& response, Output& output) const;
  [[nodiscard]] bool continues(const okhttp::Response& response, const Output& output) const;
  [[nodiscard]] Failure failure_of(const okhttp::Error& error) const;
  void note_answer(const okhttp::Response& response);
  /// What --max-time leaves; nothing when there is no limit.
  [[nodiscard]] std::optional<std::chrono::milliseconds> time_left() const;
  void note(const std::string& text) const;

  const Options& options_;
  const okhttp::Client& client_;
  const RequestPlan& plan_;
  const Cookies& cookies_;
  TransferWatch& watch_;
  VerboseListener* verbose_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  long redirects_ = 0;
  int http_code_ = 0;
  std::optional<std::chrono::seconds> retry_after_;
  mutable bool was_refused_ = false;  // the last failure was the refusal of a connection
};

}  // namespace okcurl
