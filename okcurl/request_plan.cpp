#include "okcurl/request_plan.hpp"

#include <okhttp/cache_control.hpp>
#include <okhttp/credentials.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/request_body.hpp>
#include <okhttp/version.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "okcurl/credentials.hpp"
#include "okcurl/exit_code.hpp"
#include "okcurl/rate_limit.hpp"
#include "okcurl/request_data.hpp"

namespace okcurl {
namespace {

using okhttp::equals_ignore_case;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::RequestBodyPtr;

/// Text that is sent no faster than --limit-rate allows. It waits on the thread of the call, which is all there is.
class SlowText final : public RequestBody {
 public:
  SlowText(std::string text, bool is_length_told, std::uint64_t rate)
      : text_(std::move(text)), is_length_told_(is_length_told), rate_(rate) {}

  [[nodiscard]] std::optional<std::uint64_t> content_length() const override {
    return is_length_told_ ? std::optional<std::uint64_t>(text_.size()) : std::nullopt;
  }
  [[nodiscard]] okhttp::Task<void> write_to(okhttp::BodySink& sink) const override {
    RateLimit limit(rate_);
    const std::size_t most = limit.piece(text_.size());
    for (std::size_t done = 0; done < text_.size();) {
      const std::string_view piece = std::string_view(text_).substr(done, most);
      co_await sink.write(piece);
      co_await sink.flush();
      done += piece.size();
      std::this_thread::sleep_for(limit.pause(piece.size(), RateLimit::Clock::now()));
    }
  }

 private:
  const std::string text_;
  const bool is_length_told_;
  const std::uint64_t rate_;
};

/// Text in pieces, so that its length is not announced.
RequestBodyPtr chunked(std::string text) {
  auto shared = std::make_shared<const std::string>(std::move(text));
  return RequestBody::generator([shared]() -> RequestBody::Pieces {
    return [shared, done = false]() mutable -> std::optional<std::string> {
      if (done || shared->empty()) return std::nullopt;
      done = true;
      return *shared;
    };
  });
}

bool requires_body(std::string_view method) {
  static constexpr std::array<std::string_view, 6> kMethods = {"POST", "PUT", "PATCH", "QUERY", "PROPPATCH", "REPORT"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

bool describes_body(std::string_view name) {
  return equals_ignore_case(name, "Content-Type") || equals_ignore_case(name, "Content-Length") ||
         equals_ignore_case(name, "Transfer-Encoding");
}

}  // namespace

bool is_secret_request_header(std::string_view name) {
  static constexpr std::array<std::string_view, 14> kSecret = {
      "Authorization", "Proxy-Authorization", "Cookie",        "Cookie2",        "X-Api-Key",
      "Api-Key",       "X-Auth-Token",        "X-Auth-Key",    "X-Access-Token", "X-Amz-Security-Token",
      "X-Csrf-Token",  "X-Goog-Api-Key",      "X-Vault-Token", "Private-Token"};
  return std::any_of(kSecret.begin(), kSecret.end(),
                     [&](std::string_view secret) { return equals_ignore_case(secret, name); });
}

RequestPlan::RequestPlan(const Options& options)
    : method_(options.method),
      head_(options.head),
      user_agent_(options.user_agent.value_or("okcurl/" + std::string(okhttp::kVersion))),
      cookies_(options.cookies),
      bearer_(options.oauth2_bearer),
      scheme_(server_scheme(options)),
      compressed_(options.compressed),
      offline_(options.offline) {
  for (const std::string& line : options.headers) {
    if (!line.starts_with('@')) {
      read_header_line(line);
      continue;
    }
    std::istringstream file(read_whole_file(line.substr(1)));
    for (std::string one; std::getline(file, one);) {
      if (!trim(one).empty()) read_header_line(one);
    }
  }
  if (options.user.has_value()) user_ = credentials_of(*options.user, "host", "-u");
  if (options.range.has_value()) {
    // As curl: a single number means "from there on".
    const bool is_open = options.range->find('-') == std::string::npos;
    range_ = "bytes=" + *options.range + (is_open ? "-" : "");
  }
  if (options.referer.has_value()) {
    static constexpr std::string_view kAuto = ";auto";
    referer_ = *options.referer;
    auto_referer_ = referer_.ends_with(kAuto);
    if (auto_referer_) referer_.resize(referer_.size() - kAuto.size());
  }
  if (!options.data.empty()) {
    std::string data = join_data(options.data);
    if (options.data_in_query) {
      query_ = std::move(data);
    } else {
      const bool is_length_told = !is_given("Transfer-Encoding");
      if (options.limit_rate > 0) {
        body_ = std::make_shared<SlowText>(std::move(data), is_length_told, options.limit_rate);
      } else {
        body_ = is_length_told ? RequestBody::create(std::move(data)) : chunked(std::move(data));
      }
    }
  }

  for (const std::string& name : removed_) unwanted_.push_back(name);
  if (user_agent_.empty() && !is_given("User-Agent")) unwanted_.emplace_back("User-Agent");
  if (!is_given("Connection")) unwanted_.emplace_back("Connection");
  if (!compressed_ && !is_given("Accept-Encoding")) unwanted_.emplace_back("Accept-Encoding");
}

void RequestPlan::read_header_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    const std::string_view name = trim(line);
    if (!name.ends_with(';')) throw Failure(ExitCode::usage, "option -H: a header line has no colon");
    headers_.emplace_back(name.substr(0, name.size() - 1), "");
    return;
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (value.empty()) {
    removed_.emplace_back(name);
  } else {
    headers_.emplace_back(name, value);
  }
}

bool RequestPlan::is_given(std::string_view name) const {
  return std::any_of(headers_.begin(), headers_.end(),
                     [&](const auto& header) { return equals_ignore_case(header.first, name); });
}

bool RequestPlan::is_removed(std::string_view name) const {
  return std::any_of(removed_.begin(), removed_.end(),
                     [&](const std::string& removed) { return equals_ignore_case(removed, name); });
}

Hop RequestPlan::begin(const Target& target, std::uint64_t offset) const {
  Target first = target;
  if (query_.has_value()) {
    const auto old = first.url.encoded_query();
    const std::string query = old.has_value() && !old->empty() ? std::string(*old) + '&' + *query_ : *query_;
    first.url = first.url.new_builder().encoded_query(query).build();
  }
  // Credentials given as an option count, whatever the URL says.
  if (user_.has_value()) {
    first.user = user_->first;
    first.password = user_->second;
  }
  return Hop{first, first, body_ != nullptr, referer_, offset};
}

Hop RequestPlan::follow(const Hop& from, int code, Target to) const {
  Hop next = from;
  if (auto_referer_) next.referer = from.target.url.new_builder().fragment(std::nullopt).build().to_string();
  // The others keep the body. A method given with -X stays in any case, as in curl.
  if (code == 301 || code == 302 || code == 303) next.has_body = false;
  if (!to.user.has_value() && same_origin(to.url, from.first.url)) {
    to.user = from.first.user;
    to.password = from.first.password;
  }
  next.target = std::move(to);
  return next;
}

Request RequestPlan::request(const Hop& hop, std::string kept_cookies) const {
  try {
    Request::Builder request;
    request.url(hop.target.url);
    choose_method(request, hop);
    add_credentials(request, hop);
    if (!range_.empty()) add_default(request, "Range", range_);
    if (hop.offset > 0) add_default(request, "Range", "bytes=" + std::to_string(hop.offset) + '-');
    if (!user_agent_.empty()) add_default(request, "User-Agent", user_agent_);
    add_default(request, "Accept", "*/*");
    if (!hop.referer.empty()) add_default(request, "Referer", hop.referer);
    // Its own Accept-Encoding keeps the library from asking for codings; it is taken away before the request is sent.
    if (!compressed_) add_default(request, "Accept-Encoding", "identity");
    add_cookies(request, hop, std::move(kept_cookies));
    add_given(request, hop);
    if (offline_) request.cache_control(okhttp::CacheControl::force_cache());
    if (hop.has_body) add_default(request, "Content-Type", "application/x-www-form-urlencoded");
    return request.build();
  } catch (const std::invalid_argument& error) {
    throw Failure(ExitCode::usage, error.what());
  }
}

void RequestPlan::choose_method(Request::Builder& request, const Hop& hop) const {
  const std::string method = method_.value_or(head_ ? "HEAD" : (hop.has_body ? "POST" : "GET"));
  if (hop.has_body && (method == "GET" || method == "HEAD")) {
    throw Failure(ExitCode::usage, "a " + method + " with a body is not supported");
  }
  request.method(method, hop.has_body ? body_ : (requires_body(method) ? RequestBody::empty() : nullptr));
}

void RequestPlan::add_default(Request::Builder& request, std::string_view name, std::string_view value) const {
  const bool is_forced = equals_ignore_case(name, "Accept-Encoding");
  if (!is_given(name) && (!is_removed(name) || is_forced)) request.add_header(name, value);
}

std::shared_ptr<okhttp::Authenticator> RequestPlan::authenticator(const Hop& hop) const {
  const bool is_shown_at_once = scheme_ == AuthScheme::basic || bearer_.has_value() || is_given("Authorization");
  if (!hop.target.user.has_value() || is_shown_at_once) return okhttp::Authenticator::none();
  return authenticator_of(scheme_, *hop.target.user, hop.target.password, std::string(hop.target.url.host()));
}

void RequestPlan::add_credentials(Request::Builder& request, const Hop& hop) const {
  if (bearer_.has_value()) {
    if (same_origin(hop.target.url, hop.first.url)) add_default(request, "Authorization", "Bearer " + *bearer_);
    return;
  }
  if (!hop.target.user.has_value() || scheme_ != AuthScheme::basic) return;
  // The bytes as they were given, which is what curl sends.
  add_default(request, "Authorization",
              okhttp::basic_credentials(*hop.target.user, hop.target.password, okhttp::CredentialsCharset::utf8));
}

void RequestPlan::add_cookies(Request::Builder& request, const Hop& hop, std::string kept) const {
  // Those of the command line are for the first origin, as other secrets are.
  if (!cookies_.empty() && same_origin(hop.target.url, hop.first.url)) {
    if (!kept.empty()) kept += "; ";
    kept += cookies_;
  }
  if (!kept.empty()) add_default(request, "Cookie", kept);
}

void RequestPlan::add_given(Request::Builder& request, const Hop& hop) const {
  const bool is_at_home = same_origin(hop.target.url, hop.first.url);
  for (const auto& [name, value] : headers_) {
    const bool is_for_first = is_secret_request_header(name) || equals_ignore_case(name, "Host");
    if (is_for_first && !is_at_home) continue;
    if (!hop.has_body && body_ != nullptr && describes_body(name)) continue;
    request.add_header(name, value);
  }
}

}  // namespace okcurl
