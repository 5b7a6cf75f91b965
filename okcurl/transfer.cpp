#include "okcurl/transfer.hpp"

#include <okhttp/call.hpp>
#include <okhttp/error.hpp>
#include <okhttp/http_date.hpp>

#include <algorithm>
#include <charconv>
#include <span>
#include <system_error>
#include <vector>

#include "okcurl/exit_code.hpp"
#include "okcurl/head_text.hpp"
#include "okcurl/pause.hpp"
#include "okcurl/progress.hpp"
#include "okcurl/rate_limit.hpp"
#include "okcurl/terminal.hpp"

namespace okcurl {
namespace {

using okhttp::Response;

constexpr std::size_t kReadSize = std::size_t{256} * 1024;
/// The page of a redirect is read on for its connection's sake, up to this size.
constexpr std::uint64_t kMaxSkipped = std::uint64_t{1} << 20;

/// Where a part begins in the whole (RFC 9110 §14.4).
std::optional<std::uint64_t> begin_of_part(const Response& response) {
  constexpr std::string_view kUnit = "bytes ";
  const std::string_view range = response.header("Content-Range").value_or("");
  if (response.code() != 206 || !okhttp::equals_ignore_case(range.substr(0, kUnit.size()), kUnit)) return std::nullopt;
  std::uint64_t begin = 0;
  const auto [end, error] = std::from_chars(range.data() + kUnit.size(), range.data() + range.size(), begin);
  return error == std::errc() ? std::optional(begin) : std::nullopt;
}

/// RFC 9110 §10.2.3: seconds, or a date. What is in the past is no wait.
std::optional<std::chrono::seconds> retry_after_of(const Response& response) {
  const auto field = response.header("Retry-After");
  if (!field.has_value()) return std::nullopt;
  constexpr long kMost = 365L * 24 * 3600;
  long seconds = 0;
  const auto [end, error] = std::from_chars(field->data(), field->data() + field->size(), seconds);
  if (end == field->data() + field->size() && (error == std::errc() || error == std::errc::result_out_of_range)) {
    return std::chrono::seconds(error == std::errc() ? std::clamp(seconds, 0L, kMost) : kMost);
  }
  const auto date = okhttp::parse_http_date(*field);
  if (!date.has_value()) return std::nullopt;
  const auto wait = std::chrono::ceil<std::chrono::seconds>(*date - std::chrono::system_clock::now());
  return std::clamp(wait, std::chrono::seconds(0), std::chrono::seconds(kMost));
}

}  // namespace

void Transfer::run(const Target& target, Output& output) {
  watch_.on_informational([&](int code, const okhttp::Headers& headers) {
    if (!options_.include_heads) return;
    output.write(std::string(version_text(watch_.protocol())) + ' ' + std::to_string(code) + " \r\n" +
                 std::string(headers.wire_text()) + "\r\n");
  });
  Hop hop = plan_.begin(target, output.offset());
  for (;;) {
    const Response response = exchange(hop);
    note_answer(response);
    if (options_.offline && response.code() == 504 && response.cache_response() == nullptr) {
      throw Failure(ExitCode::http_error, "Not in the cache, and --offline forbids the network");
    }
    if (options_.include_heads) write_heads(response, output);
    std::optional<Hop> follow = next(hop, response);
    if (!follow.has_value()) {
      if (output.offset() > 0 && !options_.head && !continues(response, output)) return;
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

void Transfer::note_answer(const Response& response) {
  http_code_ = response.code();
  retry_after_ = retry_after_of(response);
}

Attempt Transfer::attempt(ExitCode code) const {
  Attempt attempt;
  attempt.code = code;
  attempt.http_code = http_code_;
  attempt.was_refused = was_refused_;
  attempt.retry_after = retry_after_;
  return attempt;
}

/// True when the answer begins where the output ends, false when nothing is missing there. Throws Failure for what
/// would not fit.
bool Transfer::continues(const Response& response, const Output& output) const {
  if (begin_of_part(response) == output.offset()) return true;
  if (response.code() == 416 || (response.code() == 200 && response.body().content_length() == output.offset())) {
    note("Nothing is missing");
    return false;
  }
  if (options_.fail && response.code() >= 400) {
    throw Failure(ExitCode::http_error, "The requested URL returned error: " + std::to_string(response.code()));
  }
  throw Failure(ExitCode::range_error, "The server did not send the part from byte " + std::to_string(output.offset()) +
                                           " on (code " + std::to_string(response.code()) + "): cannot continue");
}

/// The heads of the answers that led here first, as curl shows those of challenges.
void Transfer::write_heads(const Response& response, Output& output) const {
  if (response.prior_response() != nullptr) write_heads(*response.prior_response(), output);
  output.write(head_text(response));
}

Response Transfer::exchange(const Hop& hop) {
  const okhttp::Client client = tools_.client.new_builder().authenticator(plan_.authenticator(hop)).build();
  const okhttp::Call call = client.new_call(plan_.request(hop, cookies_.field_for(hop.target.url)));
  if (const auto left = time_left()) call.timeout(*left);
  call.stop_token(tools_.stop);
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
  Progress progress(is_shown && tools_.progress == nullptr, response.body().content_length());
  if (tools_.progress != nullptr) tools_.progress->begin(response.body().content_length());
  RateLimit limit(options_.limit_rate);
  std::vector<std::byte> buffer(limit.piece(kReadSize));
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
    if (tools_.progress != nullptr) tools_.progress->advance(count);
    auto pause = limit.pause(count, RateLimit::Clock::now());
    if (const auto left = time_left()) pause = std::min<RateLimit::Clock::duration>(pause, *left);
    pause_for(pause, tools_.stop);
  }
}

Failure Transfer::failure_of(const okhttp::Error& error) const {
  if (watch_.connecting_took_too_long()) {
    return Failure(ExitCode::timeout,
                   "Connection timed out after " + std::to_string(options_.connect_timeout.count()) + " milliseconds");
  }
  was_refused_ = error.system_error() == std::errc::connection_refused;
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
  if (tools_.verbose != nullptr) tools_.verbose->note(text);
}

}  // namespace okcurl
