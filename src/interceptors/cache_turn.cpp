#include "interceptors/cache_turn.hpp"

#include <okhttp/event_listener.hpp>

#include <algorithm>

#include "cache/cache_key.hpp"
#include "cache/caching_source.hpp"
#include "cache/invalidation.hpp"
#include "cache/storability.hpp"
#include "cache/stored_headers.hpp"
#include "cache/stored_response.hpp"
#include "cache/validation.hpp"
#include "codec/response_body_access.hpp"
#include "interceptors/recovery.hpp"
#include "runtime/call_context.hpp"

namespace okhttp::internal {
namespace {

using Action = CacheStrategy::Action;
using Found = CacheStore::Found;

std::uint64_t offset_of(const CacheStrategy& strategy) noexcept {
  if (!strategy.slice.has_value()) return 0;
  const std::optional<CachedResponse::Part>& part = strategy.stored->head->part;
  return strategy.slice->begin - (part.has_value() ? part->begin : 0);
}

/// Failures that say something of the origin's state. One that tells of an attack must be seen.
bool is_failure_of_origin(const Error& error) noexcept {
  switch (error.errc()) {
    case Errc::connect_timeout:
    case Errc::read_timeout:
    case Errc::write_timeout:
    case Errc::unknown_host:
    case Errc::connect_failed:
    case Errc::connection_closed:
    case Errc::proxy_failed:
    case Errc::protocol_error:
    case Errc::stream_reset:
      return error.blame() != Blame::caller;
    default:
      return false;
  }
}

}  // namespace

CacheLookUp look_up(CacheCore& core, const Request& request, const std::optional<CacheKey>& key) {
  CacheLookUp result;
  bool has_answered = !key.has_value();
  core.tell([&](CacheStore& store) {
    if (key.has_value()) result.candidates = store.find(*key);
    has_answered = true;
  });
  const bool is_refresh = request.tag<CacheRefresh>() != nullptr;
  for (;;) {
    result.strategy = CacheStrategy::decide(request, result.candidates, core.now(), is_refresh);
    CacheStrategy& strategy = result.strategy;
    core.tell([&](CacheStore& store) {
      for (const CacheStore::EntryId id : strategy.useless) store.remove(id);
    });
    if (!has_answered && strategy.reason == CacheReason::nothing_stored) strategy.reason = CacheReason::store_failed;
    if (strategy.action != Action::serve) return result;
    const CacheStore::EntryId id = strategy.stored->id;
    core.tell([&](CacheStore& store) { result.reader = store.open(id, offset_of(strategy)); });
    if (result.reader != nullptr) return result;
    // Gone since it was found.
    std::erase_if(result.candidates, [id](const Found& other) { return other.id == id; });
  }
}

void tell_store(CacheCore& core, const CacheChanges& changes) noexcept {
  core.tell([&](CacheStore& store) {
    for (const std::string& url : changes.invalidated) core.invalidate(url);
    for (const CacheStore::EntryId id : changes.removed) store.remove(id);
    if (changes.updated.has_value()) store.update(changes.updated->first, changes.updated->second);
  });
}

CacheTurn::CacheTurn(const CacheStageSettings& settings, ChainStep& step)
    : settings_(settings),
      step_(step),
      core_(*settings.core),
      context_(step.run.transmission.context()),
      key_(cache_key(step.request)),
      asked_at_(std::chrono::steady_clock::now()) {}

bool CacheTurn::may_wait_for_another() const {
  const CacheReason reason = strategy().reason;
  const bool goes_out = strategy().action == Action::network || validates();
  return settings_.collapses && goes_out && request().method() == "GET" && key_.has_value() &&
         !request().headers().contains("Range") && request().tag<CacheRefresh>() == nullptr &&
         reason != CacheReason::request_no_store && reason != CacheReason::request_conditional;
}

Flights::Place CacheTurn::join() {
  std::string id = key_->credential + ' ' + key_->url + '\n';
  id += request().headers().wire_text();
  return core_.flights().join(id);
}

Response CacheTurn::serve_unvalidated() {
  if (strategy().refreshes) refresh();
  return serve(*strategy().stored->head, look_.reader, strategy().reason, nullptr);
}

Response CacheTurn::serve_confirmed(const CachedResponse& head, Reader reader, const Response& network) {
  return serve(head, std::move(reader), CacheReason::not_modified, &network);
}

Response CacheTurn::serve_on_error(Reader reader, const Response* network) {
  return serve(*strategy().stored->head, std::move(reader), CacheReason::stale_if_error, network);
}

Response CacheTurn::unsatisfiable() {
  Response::Builder builder;
  builder.request(request()).code(504).message("Unsatisfiable Request (only-if-cached)");
  Response response = builder.build();
  if (context_.listener != nullptr) {
    context_.listener->satisfaction_failure(*context_.call, response, strategy().reason);
  }
  return response;
}

std::uint64_t CacheTurn::offset() const noexcept { return offset_of(strategy()); }

Response CacheTurn::stored_response() const { return from_stored(request(), *strategy().stored->head).build(); }

Response CacheTurn::serve(const CachedResponse& head, Reader reader, CacheReason reason, const Response* network) {
  const Found& stored = *strategy().stored;
  const std::optional<Slice>& slice = strategy().slice;
  const bool is_validated = reason == CacheReason::not_modified;
  Headers::Builder headers = (is_validated ? head.headers : without_unvalidated(head.headers)).new_builder();
  // RFC 9111 §5.1: what was not validated tells its age.
  if (!is_validated) headers.set("Age", std::to_string(strategy().age.count()));
  Response::Builder builder = from_stored(request(), head);
  std::uint64_t length = stored.body_size;
  if (slice.has_value()) {
    length = slice->size();
    const std::uint64_t complete = head.part.has_value() ? head.part->complete_length : stored.body_size;
    headers.set("Content-Range", content_range(*slice, complete)).set("Content-Length", std::to_string(length));
    builder.code(206).message("Partial Content");
  }
  const Headers built = std::move(headers).build();
  builder.headers(built).cache_response(from_stored(request(), head).build());
  if (network != nullptr) builder.network_response(*network);
  if (length > 0 && request().method() != "HEAD") {
    auto source = std::make_unique<StoredSource>(settings_.core, std::move(reader), length);
    builder.body(ResponseBody::create(std::move(source), built, length));
  }
  ++core_.hits;
  Response response = builder.build();
  if (context_.listener != nullptr) context_.listener->cache_hit(*context_.call, response, reason);
  return response;
}

void CacheTurn::refresh() {
  std::shared_ptr<void> mark = core_.begin_refresh(*key_, strategy().stored->head->variant);
  if (mark == nullptr || !settings_.refresh) return;
  Request::Builder renewing = request().new_builder();
  renewing.tag(std::make_shared<const CacheRefresh>());
  settings_.refresh(renewing.build(), std::move(mark));
}

void CacheTurn::tell_of_going_out() {
  ++core_.networks;
  EventListener* const listener = context_.listener.get();
  if (listener == nullptr) return;
  if (validates()) {
    listener->cache_conditional_hit(*context_.call, stored_response(), strategy().reason);
  } else {
    listener->cache_miss(*context_.call, strategy().reason);
  }
}

void CacheTurn::tell_of_modified() {
  if (validates() && context_.listener != nullptr) {
    context_.listener->cache_miss(*context_.call, CacheReason::modified);
  }
}

bool CacheTurn::covers(const Error& error) {
  return strategy().serves_on_error && is_failure_of_origin(error) && !is_tried_again(error);
}

/// True when the interceptor that retries knows of another way.
bool CacheTurn::is_tried_again(const Error& error) {
  Transmission& transmission = step_.run.transmission;
  AttemptFacts facts;
  facts.has_another_way = transmission.has_another_way();
  if (const FailedExchange* const failed = transmission.failed_exchange(); failed != nullptr) {
    facts.may_have_reached_peer = failed->may_have_reached_peer;
    facts.body_begun = failed->request_body_begun;
    facts.body_failed = failed->request_body_failed;
  }
  return recover(error, request(), settings_.follow_ups, facts) == Recovery::retry;
}

void CacheTurn::give_up_stored() {
  given_up_ = strategy().stored->id;
  look_.candidates.clear();
  look_.strategy.action = Action::network;
  look_.strategy.serves_on_error = false;
}

std::optional<CacheRequest::Plan> CacheTurn::plan_for(const Response& response) const {
  if (!key_.has_value() || request().method() == "HEAD" || !may_store(request(), response)) return std::nullopt;
  CacheRequest::Plan plan;
  plan.key = *key_;
  plan.head = to_stored(request(), response);
  plan.length = response.body().content_length();
  plan.asked_at = asked_at_;
  if (plan.head.part.has_value()) {
    if (is_held_already(plan.head, look_.candidates)) return std::nullopt;
    plan.length = plan.head.part->length;
    plan.merge = find_merge(plan.head, look_.candidates);
  }
  return plan;
}

CacheChanges CacheTurn::changes_by(const Response& response, bool is_kept) const {
  CacheChanges changes;
  changes.invalidated = invalidated_urls(request(), response);
  // The origin has another one by now, and that is not for the store.
  const int code = response.code();
  const bool is_about_resource = code < 500 && code != 429 && !is_about_the_exchange(code);
  if (validates() && !is_kept && is_about_resource && request().method() == "GET") {
    changes.removed.push_back(strategy().stored->id);
  }
  if (given_up_.has_value()) changes.removed.push_back(*given_up_);
  if (request().method() == "HEAD" && response.code() == 200) note_head(response, changes);
  return changes;
}

CacheChanges CacheTurn::changes_by_confirmation(const Response& response, const CachedResponse& head) const {
  CacheChanges changes;
  const CacheStore::EntryId id = strategy().stored->id;
  if (forbids_to_keep(request(), response)) {
    changes.removed.push_back(id);
  } else {
    changes.updated.emplace(id, head);
  }
  return changes;
}

/// RFC 9111 §4.3.5: the answer to HEAD confirms what is stored, or shows that it is out of date.
void CacheTurn::note_head(const Response& response, CacheChanges& changes) const {
  for (const Found& stored : look_.candidates) {
    if (stored.head->variant != variant_of(request(), stored.head->headers)) continue;
    const bool is_same = agrees(response, *stored.head, stored.body_size);
    if (is_same && request().cache_control().no_store()) continue;
    if (is_same && !forbids_to_keep(request(), response)) {
      changes.updated.emplace(stored.id, freshened(*stored.head, request(), response));
    } else {
      changes.removed.push_back(stored.id);
    }
  }
}

Response CacheTurn::from_network(const Response& response, std::unique_ptr<CacheRequest> keeping) {
  Response::Builder builder = response.new_builder();
  builder.network_response(response);
  if (validates()) builder.cache_response(stored_response());
  if (keeping == nullptr) return builder.build();
  keeping->hold(std::move(lead_));
  const ResponseBody& body = response.body();
  if (ResponseBodyAccess::is_at_end(body)) {
    CacheRequest::commit(std::move(keeping));
    return builder.build();
  }
  auto source = std::make_unique<CachingSource>(body, std::move(keeping));
  builder.body(ResponseBody::create(std::move(source), response.headers(), body.content_length()));
  return builder.build();
}

}  // namespace okhttp::internal
