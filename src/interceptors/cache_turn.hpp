#pragma once

#include <okhttp/request.hpp>
#include <okhttp/response.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cache/cache_request.hpp"
#include "cache/cache_strategy.hpp"
#include "interceptors/chain.hpp"
#include "interceptors/follow_up.hpp"

namespace okhttp::internal {

/// Marks a request that is made to renew what is stored, so that this does not answer it.
struct CacheRefresh {};

/// What the cache stage is made of.
struct CacheStageSettings {
  /// Makes a call of that request in the background and reads its response to the end; `mark` is held until then.
  using Refresh = std::function<void(Request request, std::shared_ptr<void> mark)>;

  CacheStageSettings(std::shared_ptr<CacheCore> of_cache, FollowUpPolicy policy, Refresh in_background)
      : core(std::move(of_cache)), follow_ups(std::move(policy)), refresh(std::move(in_background)) {}

  const std::shared_ptr<CacheCore> core;
  const FollowUpPolicy follow_ups;
  const Refresh refresh;   ///< may be empty
  bool collapses = false;  ///< equal requests share a fetch
};

/// What the store has for a request, and what to do with it.
struct CacheLookUp {
  CacheLookUp() = default;
  std::vector<CacheStore::Found> candidates;
  CacheStrategy strategy;
  std::shared_ptr<CacheStore::Reader> reader;  ///< of what is served
};

/// What the store has to be told before the caller gets a response.
struct CacheChanges {
  CacheChanges() = default;
  std::vector<std::string> invalidated;
  std::vector<CacheStore::EntryId> removed;
  std::optional<std::pair<CacheStore::EntryId, CachedResponse>> updated;
  [[nodiscard]] bool empty() const noexcept { return invalidated.empty() && removed.empty() && !updated.has_value(); }
};

/// Asks the store; may wait for it.
[[nodiscard]] CacheLookUp look_up(CacheCore& core, const Request& request, const std::optional<CacheKey>& key);
/// Tells the store; may wait for it.
void tell_store(CacheCore& core, const CacheChanges& changes) noexcept;

/// One request on its way through the cache. Decides, builds and tells the listener; the interceptor acts.
///
/// Nothing here waits for the store. On the call's engine.
class CacheTurn final {
 public:
  using Reader = std::shared_ptr<CacheStore::Reader>;

  CacheTurn(const CacheStageSettings& settings, ChainStep& step);

  [[nodiscard]] const Request& request() const noexcept { return step_.request; }
  [[nodiscard]] const std::optional<CacheKey>& key() const noexcept { return key_; }
  [[nodiscard]] const CacheStrategy& strategy() const noexcept { return look_.strategy; }
  [[nodiscard]] CallContext& context() noexcept { return context_; }
  [[nodiscard]] bool validates() const noexcept { return strategy().action == CacheStrategy::Action::validate; }
  void take(CacheLookUp look) noexcept { look_ = std::move(look); }

  // Waiting for an equal request.

  [[nodiscard]] bool may_wait_for_another() const;
  [[nodiscard]] Flights::Place join();
  void lead(std::unique_ptr<Flights::Lead> lead) noexcept { lead_ = std::move(lead); }

  // Answering with what is stored.

  [[nodiscard]] Response serve_unvalidated();
  /// `head` is what the 304 made of what is stored.
  [[nodiscard]] Response serve_confirmed(const CachedResponse& head, Reader reader, const Response& network);
  /// `network` is the error that the origin answered; null when it did not answer.
  [[nodiscard]] Response serve_on_error(Reader reader, const Response* network);
  [[nodiscard]] Response unsatisfiable();
  /// Where in the body what is served begins.
  [[nodiscard]] std::uint64_t offset() const noexcept;

  // Going out.

  [[nodiscard]] const Request& outgoing() const noexcept {
    return validates() ? *strategy().network_request : request();
  }
  void tell_of_going_out();
  void tell_of_modified();
  /// True when what is stored answers instead of this failure: it is one of the origin, and the last word on it.
  [[nodiscard]] bool covers(const Error& error);
  /// What was to be validated turned out to be of no use: the request goes out as it is.
  void give_up_stored();

  // Keeping what came.

  /// Nothing when the response is not to be kept.
  [[nodiscard]] std::optional<CacheRequest::Plan> plan_for(const Response& response) const;
  [[nodiscard]] CacheChanges changes_by(const Response& response, bool is_kept) const;
  /// `head` is what this 304 made of what is stored.
  [[nodiscard]] CacheChanges changes_by_confirmation(const Response& response, const CachedResponse& head) const;
  /// `response`, from the network, as the caller gets it; `keeping` keeps it meanwhile, unless it is null.
  [[nodiscard]] Response from_network(const Response& response, std::unique_ptr<CacheRequest> keeping);

 private:
  [[nodiscard]] Response stored_response() const;
  [[nodiscard]] Response serve(const CachedResponse& head, Reader reader, CacheReason reason, const Response* network);
  void refresh();
  void note_head(const Response& response, CacheChanges& changes) const;
  [[nodiscard]] bool is_tried_again(const Error& error);

  const CacheStageSettings& settings_;
  ChainStep& step_;
  CacheCore& core_;
  CallContext& context_;
  const std::optional<CacheKey> key_;
  const Invalidations::Moment asked_at_;
  CacheLookUp look_;
  std::optional<CacheStore::EntryId> given_up_;
  std::unique_ptr<Flights::Lead> lead_;
};

}  // namespace okhttp::internal
