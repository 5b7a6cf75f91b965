#include "okcurl/transfer.hpp"

#include <okhttp/call.hpp>
#include <okhttp/error.hpp>

#include <span>
#include <vector>

#include "okcurl/exit_code.hpp"
#include "okcurl/head_text.hpp"
#include "okcurl/progress.hpp"
#include "okcurl/terminal.hpp"

namespace okcurl {
namespace {

using okhttp::Response;

constexpr std::size_t kReadSize = std::size_t{256} * 1024;
/// The page of a redirect is read on for its connection's sake, up to this size.
constexpr std::uint64_t kMaxSkipped = std::uint64_t{1} << 20;

}  // namespace

void Transfer::run(const Target& target, Output& output) {
  watch_.on_informational([&](int code, const okhttp::Headers& headers) {
    if (!options_.include_heads) return;
    output.write(std::string(version_text(watch_.protocol())) + ' ' + std::to_string(code) + " \r\n" +
                 std::string(headers.wire_text()) + "\r\n");
  });
  Hop hop = plan_.begin(target);
  for (;;) {
    const Response response = exchange(hop);
    if (options_.offline && response.code() == 504 && response.cache_response() == nullptr) {
      throw Failure(ExitCode::http_error, "Not in the cache, and --offline forbids the network");
    }
    if (options_.include_heads) write_heads(response, output);
    std::optional<Hop> follow = next(hop, response);
    if (!follow.has_value()) {
      if (options_.fail && response.code() >= 400) {
        throw Failure(ExitCode::http_error, "The requested URL returned error: " + std::to_string(response.code()));
      }
      // With -I and another method there may be a body, which was not asked for.
      if (!options_.head) write_body(response, output);
      output.finish();
      return;
    }
    skip_body(response);
    ++redirects_;
    hop = std::move(*follow);
    note("Issue another request to this URL: '" + hop.target.url.to_string() + "'");
  }
}

/// The heads of the answers that led here first, as curl shows those of challenges.
void Transfer::write_heads(const Response& response, Output& output) const {
  if (response.prior_response() != nullptr) write_heads(*response.prior_response(), output);
  output.write(head_text(response));
}

Response Transfer::exchange(const Hop& hop) {
  const okhttp::Client client = client_.new_builder().authenticator(plan_.authenticator(hop)).build();
  const okhttp::Call call = client.new_call(plan_.request(hop, cookies_.field_for(hop.target.url)));
  if (const auto left = time_left()) call.timeout(*left);
  try {
    return call.execute();
  } catch (const okhttp::Error& error) {
    throw failure_of(error);
  }
}

std::optional<Hop> Transfer::next(const Hop& hop, const Response& response) {
  if (!options_.follow || response.code() < 300 || response.code() >= 400) return std::nullopt;
  const auto location = response.header("Location");
  if (!location.has_value() || location->empty()) return std::nullopt;
  if (options_.max_redirects >= 0 && redirects_ >= options_.max_redirects) {
    throw Failure(ExitCode::too_many_redirects,
                  "Maximum (" + std::to_string(options_.max_redirects) + ") redirects followed");
  }
  return plan_.follow(hop, response.code(), resolve_target(hop.target.url, *location));
}

void Transfer::skip_body(const Response& response) const {
  try {
    if (response.body().skip(kMaxSkipped) == kMaxSkipped) response.body().close();
  } catch (const okhttp::Error& error) {
    throw failure_of(error);
  }
}

void Transfer::write_body(const Response& response, Output& output) const {
  const bool is_shown =
      !options_.silent && !options_.verbose && stderr_is_terminal() && (output.is_file() || !stdout_is_terminal());
  Progress progress(is_shown, response.body().content_length());
  std::vector<std::byte> buffer(kReadSize);
  for (;;) {
    std::size_t count = 0;
    try {
      count = response.body().read_some(buffer);
    } catch (const okhttp::Error& error) {
      throw failure_of(error);
    }
    if (count == 0) return;
    output.write(std::span<const std::byte>(buffer.data(), count));
    progress.advance(count);
  }
}

Failure Transfer::failure_of(const okhttp::Error& error) const {
  if (watch_.connecting_took_too_long()) {
    return Failure(ExitCode::timeout,
                   "Connection timed out after " + std::to_string(options_.connect_timeout.count()) + " milliseconds");
  }
  return Failure(exit_code_of(error, watch_.phase(), watch_.via()), error.what());
}

std::optional<std::chrono::milliseconds> Transfer::time_left() const {
  using std::chrono::milliseconds;
  if (options_.max_time.count() == 0) return std::nullopt;
  const auto spent = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start_);
  if (spent >= options_.max_time) {
    throw Failure(ExitCode::timeout,
                  "Operation timed out after " + std::to_string(options_.max_time.count()) + " milliseconds");
  }
  return options_.max_time - spent;
}

void Transfer::note(const std::string& text) const {
  if (verbose_ != nullptr) verbose_->note(text);
}

}  // namespace okcurl
