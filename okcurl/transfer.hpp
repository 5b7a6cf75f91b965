#pragma once

#include <okhttp/client.hpp>
#include <okhttp/response.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "okcurl/cookies.hpp"
#include "okcurl/options.hpp"
#include "okcurl/output.hpp"
#include "okcurl/progress_board.hpp"
#include "okcurl/request_plan.hpp"
#include "okcurl/retry_plan.hpp"
#include "okcurl/transfer_watch.hpp"
#include "okcurl/verbose_listener.hpp"

namespace okcurl {

/// What one transfer works with besides what all share.
struct TransferTools {
  okhttp::Client client;  // which tells the next two
  std::shared_ptr<TransferWatch> watch;
  std::shared_ptr<VerboseListener> verbose;  // null without -v
  ProgressBoard::Part* progress = nullptr;   // null when the transfer shows its own
  std::stop_token stop;                      // ends it, as a cancelled call
};

/// One URL's way: its request, the redirects that -L follows, and the answer's way to the output.
class Transfer {
 public:
  Transfer(const Options& options, const RequestPlan& plan, const Cookies& cookies, const TransferTools& tools)
      : options_(options), plan_(plan), cookies_(cookies), tools_(tools), watch_(*tools.watch) {}

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
  const RequestPlan& plan_;
  const Cookies& cookies_;
  const TransferTools& tools_;
  TransferWatch& watch_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  long redirects_ = 0;
  int http_code_ = 0;
  std::optional<std::chrono::seconds> retry_after_;
  mutable bool was_refused_ = false;  // the last failure was the refusal of a connection
};

}  // namespace okcurl
