#pragma once

#include <okhttp/cache.hpp>
#include <okhttp/client.hpp>

#include <memory>
#include <optional>
#include <string>

#include "okcurl/cookies.hpp"
#include "okcurl/exit_code.hpp"
#include "okcurl/options.hpp"
#include "okcurl/request_plan.hpp"
#include "okcurl/transfer.hpp"
#include "okcurl/verbose_listener.hpp"

namespace okcurl {

/// What the transfers of one command line share: the client with its connections, and the requests to make.
class Session {
 public:
  /// Throws Failure: usage, read_error, bad_ca_file, ssl_cipher, tls_handshake.
  explicit Session(const Options& options);

  /// Transfers every URL and tells of failures on standard error. Yields what the last of them came to, as curl does;
  /// when they go side by side, the first failure in the order of the command line.
  [[nodiscard]] ExitCode run();

 private:
  [[nodiscard]] okhttp::Client make_client() const;
  [[nodiscard]] TransferTools make_tools(const okhttp::Client& client) const;
  void transfer(std::size_t index, const TransferTools& tools) const;
  [[nodiscard]] ExitCode run_in_turn();
  [[nodiscard]] ExitCode run_side_by_side();
  void close_cache() const;

  const Options& options_;
  RequestPlan plan_;
  Cookies cookies_;
  const std::shared_ptr<ConnectionNumbers> numbers_ = std::make_shared<ConnectionNumbers>();
  std::optional<okhttp::Cache> cache_;
  okhttp::Client client_;
};

/// Tells of a failure as curl does, unless -s keeps it quiet.
void report(const Failure& failure, const Options& options);

}  // namespace okcurl
