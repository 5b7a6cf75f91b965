#pragma once

#include <okhttp/client.hpp>

#include <memory>
#include <string>

#include "okcurl/exit_code.hpp"
#include "okcurl/options.hpp"
#include "okcurl/request_plan.hpp"
#include "okcurl/transfer_watch.hpp"
#include "okcurl/verbose_listener.hpp"

namespace okcurl {

/// What the transfers of one command line share: the client with its connections, and the requests to make.
class Session {
 public:
  /// Throws Failure: usage, read_error, bad_ca_file.
  explicit Session(const Options& options);

  /// Transfers every URL and tells of failures on standard error; yields what the last of them came to, as curl does.
  [[nodiscard]] ExitCode run();

 private:
  [[nodiscard]] okhttp::Client make_client() const;
  void transfer(std::size_t index);

  const Options& options_;
  RequestPlan plan_;
  std::shared_ptr<TransferWatch> watch_;
  std::shared_ptr<VerboseListener> verbose_;  // null without -v
  okhttp::Client client_;
};

/// Tells of a failure as curl does, unless -s keeps it quiet.
void report(const Failure& failure, const Options& options);

}  // namespace okcurl
