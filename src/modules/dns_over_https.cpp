#include <okhttp/dns_over_https.hpp>
#include <okhttp/error.hpp>
#include <okhttp/media_type.hpp>
#include <okhttp/request.hpp>
#include <okhttp/request_body.hpp>
#include <okhttp/response.hpp>
#include <okhttp/sync_wait.hpp>

#include <algorithm>
#include <charconv>
#include <exception>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "call/client_handle.hpp"
#include "http/ascii.hpp"
#include "http/base64.hpp"
#include "route/dns_message.hpp"

namespace okhttp {

struct DnsOverHttps::State {
  State(Url resolver, Client asks_with) : url(std::move(resolver)), client(std::move(asks_with)) {}
  Url url;
  Client client;
  bool include_ipv6 = true;
  bool post = false;
  bool resolve_private = false;
};

namespace {

using internal::DnsReply;
using internal::DnsStatus;
using internal::DnsType;

constexpr std::string_view kMediaType = "application/dns-message";
constexpr std::chrono::seconds kQuestionTimeout(10);

/// What became of one question.
struct Outcome {
  Outcome() = default;
  DnsReply reply;
  std::optional<Error> failure;
};

/// Names that a public server cannot know, and that tell it about the network they are used in.
bool is_private_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.find('.') == std::string_view::npos) return true;
  // RFC 6761 §6.3, RFC 6762 §3, RFC 7686, RFC 8375; .internal was reserved by ICANN in 2024.
  for (const std::string_view suffix : {".local", ".localhost", ".internal", ".home.arpa", ".onion"}) {
    if (host.size() <= suffix.size()) continue;
    if (internal::equals_ignore_case_inline(host.substr(host.size() - suffix.size()), suffix)) return true;
  }
  return false;
}

/// RFC 4648 §5 without padding, as RFC 8484 §6 wants it.
std::string base64url(std::string_view bytes) {
  std::string text = internal::base64_encode(bytes);
  text.erase(std::find(text.begin(), text.end(), '='), text.end());
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

Request request_for(const Url& url, std::string query, bool post) {
  Request::Builder request;
  request.header("Accept", kMediaType);
  if (post) {
    request.url(url).post(RequestBody::create(std::move(query), MediaType::parse(kMediaType)));
  } else {
    request.url(url.new_builder().add_query_parameter("dns", base64url(query)).build());
  }
  return request.build();
}

void check(const Response& response) {
  if (!response.is_successful()) {
    throw Error(Errc::protocol_error, Blame::peer, "the resolver answered " + std::to_string(response.code()));
  }
  const std::optional<MediaType>& type = response.body().content_type();
  if (!type.has_value() || type->type() + '/' + type->subtype() != kMediaType) {
    throw Error(Errc::protocol_error, Blame::peer, "the resolver answered with something other than a DNS message");
  }
}

/// RFC 8484 §5.1: what lay in a cache of HTTP has used up some of its time.
std::uint32_t age_of(const Response& response) {
  const std::optional<std::string_view> text = response.headers().get("Age");
  std::uint32_t age = 0;
  if (text.has_value()) std::from_chars(text->data(), text->data() + text->size(), age);
  return age;
}

Task<Outcome> ask(Client client, Request request, std::string host, DnsType type) {
  Outcome outcome;
  try {
    const Call call = client.new_call(std::move(request));
    const Response response = co_await call;
    check(response);
    const ResponseBody::Async body = response.body().async();
    const std::vector<std::byte> message = co_await body.bytes(DnsOverHttps::kMaxResponseBytes);
    DnsReply& reply = outcome.reply;
    reply = internal::read_dns_reply(message, host, type);
    reply.time_to_live -= std::min(reply.time_to_live, age_of(response));
    if (!reply.problem.empty()) {
      outcome.failure =
          Error(Errc::protocol_error, Blame::peer, "the resolver's answer: " + std::string(reply.problem));
    }
  } catch (const Error& error) {
    outcome.failure = error;
  }
  co_return outcome;
}

[[noreturn]] void refuse(const std::string& host, const std::string& why) {
  throw Error(Errc::unknown_host, Blame::caller, "cannot resolve " + host + ": " + why);
}

/// The addresses of all questions; one that failed does not matter as long as another found some.
DnsAnswer merge(const std::vector<Outcome>& outcomes, const std::string& host) {
  DnsAnswer answer;
  std::chrono::seconds time_to_live = std::chrono::seconds::max();
  const Error* failure = nullptr;
  for (const Outcome& outcome : outcomes) {
    if (outcome.failure.has_value()) {
      failure = &*outcome.failure;
    } else if (outcome.reply.status == DnsStatus::found) {
      time_to_live = std::min(time_to_live, std::chrono::seconds(outcome.reply.time_to_live));
      const std::vector<IpAddress>& found = outcome.reply.addresses;
      answer.addresses.insert(answer.addresses.end(), found.begin(), found.end());
    }
  }
  if (!answer.addresses.empty()) {
    answer.time_to_live = time_to_live;
    return answer;
  }
  const std::string what = "cannot resolve " + host;
  if (failure == nullptr) throw Error(Errc::unknown_host, Blame::network, what + ": there is no such host");
  throw Error(Errc::unknown_host, Blame::network, what + ": " + failure->what(), std::make_exception_ptr(*failure));
}

}  // namespace

DnsOverHttps::DnsOverHttps(std::unique_ptr<const State> state) noexcept : state_(std::move(state)) {}

DnsOverHttps::~DnsOverHttps() = default;

std::vector<IpAddress> DnsOverHttps::lookup(const std::string& host) { return lookup_answer(host).addresses; }

DnsAnswer DnsOverHttps::lookup_answer(const std::string& host) {
  if (const std::optional<IpAddress> literal = IpAddress::parse(host)) return DnsAnswer({*literal});
  if (!state_->resolve_private && is_private_name(host)) refuse(host, "private names are not sent to a resolver");
  std::vector<Task<Outcome>> questions;
  for (const DnsType type : {DnsType::aaaa, DnsType::a}) {
    if (type == DnsType::aaaa && !state_->include_ipv6) continue;
    std::optional<std::string> query = internal::write_dns_query(host, type);
    if (!query.has_value()) refuse(host, "DNS has no such names");
    questions.push_back(ask(state_->client, request_for(state_->url, std::move(*query), state_->post), host, type));
  }
  return merge(sync_wait(when_all(std::move(questions))), host);
}

const Url& DnsOverHttps::url() const noexcept { return state_->url; }
bool DnsOverHttps::include_ipv6() const noexcept { return state_->include_ipv6; }
bool DnsOverHttps::uses_post() const noexcept { return state_->post; }
bool DnsOverHttps::resolve_private_addresses() const noexcept { return state_->resolve_private; }

DnsOverHttps::Builder::Builder(Url url) : url_(std::move(url)) {
  if (!url_.is_tls()) throw std::invalid_argument("DnsOverHttps: the URL must be an https one");
}

DnsOverHttps::Builder::Builder(const std::string& url) : Builder(Url::parse(url)) {}

DnsOverHttps::Builder& DnsOverHttps::Builder::client(const Client::Builder& settings) {
  client_ = settings;
  // Nothing is shared with the calls whose lookups are served: they hold places of their dispatcher, and perhaps the
  // last handle of their client, while they wait.
  internal::ClientAccess::make_independent(client_);
  return *this;
}

DnsOverHttps::Builder& DnsOverHttps::Builder::bootstrap_addresses(std::vector<IpAddress> addresses) {
  bootstrap_ = std::move(addresses);
  return *this;
}

DnsOverHttps::Builder& DnsOverHttps::Builder::include_ipv6(bool include) {
  include_ipv6_ = include;
  return *this;
}

DnsOverHttps::Builder& DnsOverHttps::Builder::post(bool post) {
  post_ = post;
  return *this;
}

DnsOverHttps::Builder& DnsOverHttps::Builder::resolve_private_addresses(bool resolve) {
  resolve_private_ = resolve;
  return *this;
}

std::shared_ptr<DnsOverHttps> DnsOverHttps::Builder::build() const {
  Client::Builder settings = client_;
  const Dispatcher dispatcher;
  dispatcher.set_max_requests(std::numeric_limits<std::size_t>::max());
  dispatcher.set_max_requests_per_host(std::numeric_limits<std::size_t>::max());
  settings.dispatcher(dispatcher).follow_ssl_redirects(false);
  if (!bootstrap_.empty() && !IpAddress::parse(url_.host()).has_value()) {
    settings.dns(Dns::fixed({FixedHost(std::string(url_.host()), bootstrap_)}));
  }
  Client client = settings.build();
  if (client.timeouts().call == Timeouts::Duration::zero()) {
    client = client.new_builder().call_timeout(kQuestionTimeout).build();
  }
  auto state = std::make_unique<State>(url_, std::move(client));
  state->include_ipv6 = include_ipv6_;
  state->post = post_;
  state->resolve_private = resolve_private_;
  return std::shared_ptr<DnsOverHttps>(new DnsOverHttps(std::move(state)));
}

}  // namespace okhttp
