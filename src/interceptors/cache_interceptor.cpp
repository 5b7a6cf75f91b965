#include "interceptors/cache_interceptor.hpp"

#include <optional>

#include "cache/off_loop.hpp"
#include "cache/validation.hpp"
#include "runtime/call_context.hpp"
#include "runtime/hop.hpp"

namespace okhttp::internal {

using Action = CacheStrategy::Action;

namespace {

/// How long a call that waits for its server for ever waits for another call: that one's caller may never read.
constexpr Timeouts::Duration kLongestWaitForAnother = std::chrono::seconds(10);

}  // namespace

Task<Response> CacheInterceptor::run(ChainStep step) {
  step.run.cache_tells_origin = !settings_.core->is_closed();
  if (step.run.cache_tells_origin) return answer(std::move(step));
  Request request = step.request;
  return step.proceed(std::move(request), nullptr);
}

Task<Response> CachePlace::run(ChainStep step) {
  const std::optional<std::shared_ptr<Stage>>& of_call = step.run.overrides.cache;
  Stage* const cache = of_call.has_value() ? of_call->get() : cache_.get();
  if (cache != nullptr) return cache->run(std::move(step));
  step.run.cache_tells_origin = false;
  Request request = std::move(step.request);
  return step.proceed(std::move(request), nullptr);
}

Task<Response> CacheInterceptor::answer(ChainStep step) {
  CacheTurn turn(settings_, step);
  if (step.request.tag<CacheRefresh>() == nullptr) ++settings_.core->requests;
  co_await ask_store(turn);
  if (turn.may_wait_for_another()) co_await wait_for_equal_request(turn);
  if (turn.strategy().action == Action::serve) co_return turn.serve_unvalidated();
  if (turn.strategy().action == Action::unsatisfiable) co_return turn.unsatisfiable();

  turn.tell_of_going_out();
  for (;;) {
    std::optional<Response> response;
    std::exception_ptr failure;
    try {
      Task<Response> exchange = step.proceed(turn.outgoing(), nullptr);
      Response received = co_await std::move(exchange);
      response = std::move(received);
    } catch (const Error& error) {
      if (!turn.covers(error)) throw;
      failure = std::current_exception();
    }
    const bool has_failed = !response.has_value() || is_origin_error(response->code());
    if (has_failed && turn.strategy().serves_on_error) {
      Task<CacheTurn::Reader> opening = open_stored(turn, CacheChanges());
      CacheTurn::Reader reader = co_await std::move(opening);
      if (reader == nullptr && failure) std::rethrow_exception(failure);
      if (reader != nullptr) {
        if (response.has_value()) response->body().close();
        co_return turn.serve_on_error(std::move(reader), response.has_value() ? &*response : nullptr);
      }
    }
    if (!turn.validates() || response->code() != 304) {
      turn.tell_of_modified();
      Task<Response> keeping = keep(turn, std::move(*response));
      Response kept = co_await std::move(keeping);
      co_return kept;
    }
    response->body().close();
    const CacheStore::Found& stored = *turn.strategy().stored;
    if (confirms(*response, *stored.head)) {
      CachedResponse head = freshened(*stored.head, turn.request(), *response);
      CacheChanges changes = turn.changes_by_confirmation(*response, head);
      Task<CacheTurn::Reader> opening = open_stored(turn, std::move(changes));
      CacheTurn::Reader reader = co_await std::move(opening);
      if (reader != nullptr) co_return turn.serve_confirmed(head, std::move(reader), *response);
    }
    // It is about another version, or what it is about is gone: the request goes out once more, without condition.
    turn.give_up_stored();
  }
}

Task<void> CacheInterceptor::ask_store(CacheTurn& turn) {
  if (!must_ask_elsewhere(*settings_.core, turn.key())) {
    turn.take(look_up(*settings_.core, turn.request(), turn.key()));
    co_return;
  }
  auto work = [core = settings_.core, request = turn.request(), key = turn.key()] {
    return look_up(*core, request, key);
  };
  WaitResult why = WaitResult::ready;
  Task<std::optional<CacheLookUp>> looking =
      ask_off_thread(true, settings_.core, turn.context().terms(Timeouts::Duration::zero()), std::move(work), why);
  std::optional<CacheLookUp> look = co_await std::move(looking);
  if (!look.has_value()) throw error_of(turn.context(), why, Errc::timeout, "asking the cache");
  turn.take(std::move(*look));
}

Task<void> CacheInterceptor::wait_for_equal_request(CacheTurn& turn) {
  Flights::Place place = turn.join();
  if (place.lead != nullptr) {
    turn.lead(std::move(place.lead));
    co_return;
  }
  CallContext& context = turn.context();
  // An interceptor that user code resumed on a thread of its own: the wait is one of the call's engine.
  Hop home(context.engine());
  co_await home;
  const bool is_bounded = context.timeouts.read > Timeouts::Duration::zero();
  const WaitTerms terms = context.terms(is_bounded ? context.timeouts.read : kLongestWaitForAnother);
  Signal::Awaiter landed(place.landed, context.engine(), terms);
  const WaitResult result = co_await landed;
  context.check();
  if (result == WaitResult::canceled) throw error_of(context, result, Errc::timeout, "waiting for an equal request");
  if (result == WaitResult::ready) co_await ask_store(turn);
}

Task<CacheTurn::Reader> CacheInterceptor::open_stored(CacheTurn& turn, CacheChanges changes) {
  CacheCore& cache = *settings_.core;
  const bool elsewhere = changes.empty() ? must_leave_loop(cache) : must_tell_elsewhere(cache);
  auto work = [core = settings_.core, changes = std::move(changes), id = turn.strategy().stored->id,
               offset = turn.offset()] {
    // First this: what is removed is served once more.
    CacheTurn::Reader reader;
    core->tell([&](CacheStore& store) { reader = store.open(id, offset); });
    tell_store(*core, changes);
    return reader;
  };
  WaitResult why = WaitResult::ready;
  Task<std::optional<CacheTurn::Reader>> opening =
      ask_off_thread(elsewhere, settings_.core, turn.context().terms(Timeouts::Duration::zero()), std::move(work), why);
  std::optional<CacheTurn::Reader> reader = co_await std::move(opening);
  if (!reader.has_value()) throw error_of(turn.context(), why, Errc::timeout, "asking the cache");
  co_return std::move(*reader);
}

Task<Response> CacheInterceptor::keep(CacheTurn& turn, Response response) {
  const std::shared_ptr<CacheCore>& core = settings_.core;
  std::optional<CacheRequest::Plan> plan = turn.plan_for(response);
  CacheChanges changes = turn.changes_by(response, plan.has_value());
  const bool copies = plan.has_value() && plan->merge.has_value() && plan->merge->prefix > 0;
  if (changes.empty() && !copies) {
    std::unique_ptr<CacheRequest> keeping;
    if (plan.has_value()) keeping = CacheRequest::begin(core, std::move(*plan));
    co_return turn.from_network(response, std::move(keeping));
  }
  auto work = [core, changes = std::move(changes), plan = std::move(plan)]() mutable {
    tell_store(*core, changes);
    std::unique_ptr<CacheRequest> keeping;
    if (plan.has_value()) keeping = CacheRequest::begin(core, std::move(*plan));
    return keeping;
  };
  WaitResult why = WaitResult::ready;
  Task<std::optional<std::unique_ptr<CacheRequest>>> telling = ask_off_thread(
      must_tell_elsewhere(*core), core, turn.context().terms(Timeouts::Duration::zero()), std::move(work), why);
  std::optional<std::unique_ptr<CacheRequest>> keeping = co_await std::move(telling);
  if (!keeping.has_value()) throw error_of(turn.context(), why, Errc::timeout, "telling the cache");
  co_return turn.from_network(response, std::move(*keeping));
}

}  // namespace okhttp::internal
