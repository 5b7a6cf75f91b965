#include "okcurl/session.hpp"

#include <okhttp/interceptor.hpp>
#include <okhttp/ip_address.hpp>
#include <okhttp/tls.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include "okcurl/cache_choice.hpp"
#include "okcurl/content_codings.hpp"
#include "okcurl/name_resolution.hpp"
#include "okcurl/output.hpp"
#include "okcurl/pause.hpp"
#include "okcurl/pinned_keys.hpp"
#include "okcurl/progress_board.hpp"
#include "okcurl/proxy_choice.hpp"
#include "okcurl/retry_plan.hpp"
#include "okcurl/target.hpp"
#include "okcurl/terminal.hpp"
#include "okcurl/tls_choice.hpp"

namespace okcurl {
namespace {

using okhttp::Chain;
using okhttp::Client;
using okhttp::Request;
using okhttp::Response;
using okhttp::Task;
using okhttp::TlsConfig;

/// As long as curl waits unless told otherwise.
constexpr std::chrono::seconds kConnectTimeout(300);

TlsConfig tls_config(const Options& options, bool insecure) {
  TlsConfig::Builder tls;
  if (insecure) tls.insecure();
  if (options.ca_file.has_value()) {
    try {
      tls.system_trust(false).trust_file(*options.ca_file);
    } catch (const std::exception& error) {
      throw Failure(ExitCode::bad_ca_file, "error setting certificate file: " + std::string(error.what()));
    }
  }
  return tls.build();
}

/// Takes away, right before a request is sent, what the library added and curl would not have.
class HeaderFilter final : public okhttp::Interceptor {
 public:
  explicit HeaderFilter(std::vector<std::string> unwanted) : unwanted_(std::move(unwanted)) {}

  Task<Response> intercept(Chain& chain) override {
    Request::Builder request = chain.request().new_builder();
    for (const std::string& name : unwanted_) request.remove_header(name);
    return chain.proceed(request.build());
  }
  [[nodiscard]] std::string name() const override { return "okcurl headers"; }

 private:
  const std::vector<std::string> unwanted_;
};

/// --interface: an address of ours, "if!eth0", "host!192.0.2.7", else the name of an interface.
void dial_from(std::string_view value, Client::Builder& client) {
  constexpr std::string_view kName = "if!";
  constexpr std::string_view kAddress = "host!";
  const bool must_be_name = value.starts_with(kName);
  const bool must_be_address = value.starts_with(kAddress);
  if (must_be_name) value.remove_prefix(kName.size());
  if (must_be_address) value.remove_prefix(kAddress.size());
  const std::optional<okhttp::IpAddress> address = okhttp::IpAddress::parse(value);
  if (address.has_value() && !must_be_name) {
    client.local_address(address);
  } else if (must_be_address) {
    throw Failure(ExitCode::interface_failed, "option --interface: not an address: " + std::string(value));
  } else {
    client.local_interface(std::string(value));
  }
}

void choose_sockets(const Options& options, Client::Builder& client) {
  try {
    if (options.interface.has_value()) dial_from(*options.interface, client);
    if (options.unix_socket.has_value()) client.unix_socket(*options.unix_socket);
  } catch (const std::invalid_argument& error) {
    throw Failure(ExitCode::usage, error.what());
  }
}

/// The file for that URL's content; nothing for standard output.
std::optional<std::filesystem::path> file_for(const Options& options, std::size_t index) {
  using Kind = Destination::Kind;
  const bool has_own = index < options.destinations.size();
  const Kind kind = has_own                   ? options.destinations[index].kind
                    : options.remote_name_all ? Kind::remote_name
                                              : Kind::standard_output;
  if (kind == Kind::standard_output) return std::nullopt;
  std::filesystem::path file = kind == Kind::file ? options.destinations[index].path : remote_name(options.urls[index]);
  // What is an absolute path stays one, as with `cd`.
  if (options.output_folder.has_value()) file = *options.output_folder / file;
  if (options.create_folders && file.has_parent_path()) {
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    if (error)
      throw Failure(ExitCode::write_error, "Failed to create " + file.parent_path().string() + ": " + error.message());
  }
  return file;
}

/// Where -C begins, 0 for the beginning.
std::uint64_t offset_of(const Options& options, const std::optional<std::filesystem::path>& file) {
  if (!options.continue_at.has_value()) return 0;
  if (*options.continue_at != "-") return std::stoull(*options.continue_at);
  if (!file.has_value()) return 0;
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(*file, error);
  return error ? 0 : size;
}

Output make_output(const std::optional<std::filesystem::path>& file, std::uint64_t offset, bool refuse_binary) {
  if (file.has_value()) return offset > 0 ? Output(file->string(), offset) : Output(file->string());
  return offset > 0 ? Output(offset) : Output(refuse_binary);
}

/// As "2" or "0.25".
std::string seconds_text(std::chrono::milliseconds time) {
  std::string text = std::to_string(time.count() / 1000);
  const auto rest = time.count() % 1000;
  if (rest == 0) return text;
  std::string digits = std::to_string(1000 + rest).substr(1);
  digits.resize(digits.find_last_not_of('0') + 1);
  return text + '.' + digits;
}

}  // namespace

void report(const Failure& failure, const Options& options) {
  if (options.silent && !options.show_error) return;
  write_to_stderr("okcurl: (" + std::to_string(static_cast<int>(failure.code())) + ") " + printable(failure.what()) +
                  '\n');
}

Session::Session(const Options& options)
    : options_(options), plan_(options), cookies_(options), cache_(cache_of(options)), client_(make_client()) {
  if (options.destinations.size() > options.urls.size() && !options.silent) {
    write_to_stderr("Warning: Got more output options than URLs\n");
  }
}

Client Session::make_client() const {
  constexpr auto kForEver = std::chrono::milliseconds(0);
  Client::Builder client;
  client.connect_timeout(options_.connect_timeout.count() > 0 ? options_.connect_timeout : kConnectTimeout)
      .read_timeout(kForEver)
      .write_timeout(kForEver)
      .follow_redirects(false)
      .dns(make_dns(options_, tls_config(options_, options_.doh_insecure)))
      .tls(tls_config(options_, options_.insecure))
      .connection_specs(connection_specs_of(options_))
      .certificate_pinner(pinner_of(options_))
      .cache(cache_)
      .cookie_jar(cookies_.receiver())
      .add_network_interceptor(std::make_shared<HeaderFilter>(plan_.unwanted_headers()));
  for (auto& coding : built_in_codings()) client.add_content_coding(std::move(coding));
  choose_proxies(options_, client);
  choose_sockets(options_, client);
  switch (options_.http_version) {
    case HttpVersion::any:
    case HttpVersion::http_2:  // offered by ALPN in any case; clear text is not upgraded (RFC 9113 §3.1)
      break;
    case HttpVersion::http_1_1:
      client.protocols({okhttp::Protocol::http_1_1});
      break;
    case HttpVersion::http_2_prior_knowledge:
      client.protocols({okhttp::Protocol::h2_prior_knowledge});
      break;
  }
  return client.build();
}

/// For one transfer, by a client that has its listeners and shares all else with `client`.
TransferTools Session::make_tools(const Client& client) const {
  const auto watch = std::make_shared<TransferWatch>(options_.connect_timeout);
  std::shared_ptr<VerboseListener> verbose;
  if (options_.verbose) {
    verbose = std::make_shared<VerboseListener>(write_to_stderr, stderr_has_colours(),
                                                options_.unix_socket.value_or(""), numbers_);
  }
  const auto both = okhttp::EventListener::compose(verbose, watch);
  return TransferTools{client.new_builder().event_listener(both).build(), watch, verbose, nullptr, {}};
}

ExitCode Session::run() {
  const bool is_parallel = options_.parallel && options_.urls.size() > 1;
  const ExitCode code = is_parallel ? run_side_by_side() : run_in_turn();
  close_cache();
  cookies_.save(options_);
  return code;
}

ExitCode Session::run_in_turn() {
  ExitCode last = ExitCode::ok;
  const TransferTools tools = make_tools(client_);
  for (std::size_t i = 0; i < options_.urls.size(); ++i) {
    try {
      transfer(i, tools);
      last = ExitCode::ok;
    } catch (const Failure& failure) {
      report(failure, options_);
      last = failure.code();
      if (options_.fail_early) break;
    }
  }
  return last;
}

/// -Z: by so many threads as may be at work at once, each of which takes one URL after another.
ExitCode Session::run_side_by_side() {
  const std::size_t count = options_.urls.size();
  const bool is_shown = !options_.silent && !options_.verbose && stderr_is_terminal();
  ProgressBoard board(count, is_shown ? ProgressBoard::Show(show_status) : nullptr);
  std::stop_source stop;
  std::atomic<std::size_t> next{0};
  std::vector<ExitCode> codes(count, ExitCode::ok);
  std::vector<std::exception_ptr> faults(count);  // of the program itself

  const auto transfer_one = [&](std::size_t index, const Client& client) {
    ProgressBoard::Part part(board);
    TransferTools tools = make_tools(client);
    tools.progress = &part;
    tools.stop = stop.get_token();
    try {
      transfer(index, tools);
    } catch (const Failure& failure) {
      // What was stopped because another failed has nothing to say.
      if (stop.stop_requested()) return;
      codes[index] = failure.code();
      report(failure, options_);
      if (options_.fail_early) stop.request_stop();
    } catch (...) {
      faults[index] = std::current_exception();
      stop.request_stop();
    }
  };
  const auto work = [&] {
    Client::Builder own = client_.new_builder();
    if (options_.parallel_immediate) own.connection_pool(okhttp::ConnectionPool());
    const Client client = own.build();
    for (std::size_t i = next++; i < count && !stop.stop_requested(); i = next++) transfer_one(i, client);
  };
  {
    std::vector<std::jthread> threads;
    try {
      for (std::size_t i = 0; i < std::min(options_.parallel_max, count); ++i) threads.emplace_back(work);
    } catch (const std::system_error&) {
      if (threads.empty()) throw;  // else the system has no more of them, and those that run do it all
    }
  }
  for (const std::exception_ptr& fault : faults) {
    if (fault) std::rethrow_exception(fault);
  }
  const auto failed = std::find_if(codes.begin(), codes.end(), [](ExitCode code) { return code != ExitCode::ok; });
  return failed != codes.end() ? *failed : ExitCode::ok;
}

/// What was kept last is on its way to the folder until then.
void Session::close_cache() const {
  if (!cache_.has_value()) return;
  if (options_.cache_stats) write_to_stderr(statistics_of(*cache_));
  cache_->close();
}

void Session::transfer(std::size_t index, const TransferTools& tools) const {
  const Target target = parse_target(options_.urls[index], options_.no_globbing);
  const std::optional<std::filesystem::path> file = file_for(options_, index);
  // Every try begins at the same place: what an earlier one wrote may be the page of an error.
  const std::uint64_t offset = offset_of(options_, file);
  const bool refuse_binary = index >= options_.destinations.size() && stdout_is_terminal();
  RetryPlan retries(options_, RetryPlan::Clock::now());
  for (;;) {
    std::optional<Failure> failure;
    Transfer transfer(options_, plan_, cookies_, tools);
    try {
      Output output = make_output(file, offset, refuse_binary);
      transfer.run(target, output);
    } catch (const Failure& failed) {
      failure = failed;
    }
    const Attempt attempt = transfer.attempt(failure.has_value() ? failure->code() : ExitCode::ok);
    const auto wait = retries.next(attempt, RetryPlan::Clock::now());
    if (!wait.has_value() || tools.stop.stop_requested()) {
      if (failure.has_value()) throw *failure;
      return;
    }
    if (!options_.silent) {
      const std::string why =
          failure.has_value() ? std::string(failure->what()) : "HTTP code " + std::to_string(attempt.http_code);
      write_to_stderr("Warning: Problem: " + printable(why) + ". Will retry in " + seconds_text(*wait) + " seconds. " +
                      std::to_string(retries.left()) + " more after that.\n");
    }
    pause_for(*wait, tools.stop);
  }
}

}  // namespace okcurl
