#include "call/dispatch_queue.hpp"

#include <cassert>
#include <utility>

namespace okhttp::internal {
namespace {

constexpr std::size_t kUnusedHostsKept = 64;

}  // namespace

DispatchQueue::DispatchQueue(std::shared_ptr<Executor> executor)
    : callbacks_(std::make_shared<const CallbackRunner>(std::move(executor))) {
  eligible_.reserve(1);  // for without_limit_
}

void DispatchQueue::enqueue(std::shared_ptr<DispatchedCall> call) {
  DispatchedCall& enqueued = *call;  // lives until it ends, and it does not end before it is run, below or later
  DispatchEntry& entry = enqueued.entry_;
  const bool per_host = enqueued.counts_per_host();
  const HostName name(per_host ? std::string_view(enqueued.dispatch_host()) : std::string_view());
  RunList promoted;
  {
    const std::lock_guard lock(mutex_);
    assert(entry.state == DispatchEntry::State::unlisted);
    DispatchHost& host = per_host ? host_named(name) : without_limit_;
    entry.host = &host;
    entry.call = std::move(call);
    // By invariant 1, where there is a place nothing else waits for it, so that nobody is overtaken.
    if (places_taken_ < max_requests_ && !is_full(host)) {
      start(entry, true);
      promoted.push_back(entry);
    } else {
      append_ready(entry);
      entry.announcing = true;
    }
  }
  if (promoted.empty()) {
    enqueued.waits_in_queue();
    // Whoever promoted the call meanwhile left running it to us: it must not be run before it heard that it waits.
    const std::lock_guard lock(mutex_);
    entry.announcing = false;
    if (entry.state == DispatchEntry::State::running) promoted.push_back(entry);
  }
  run(promoted);
}

void DispatchQueue::finished(DispatchedCall& call) noexcept {
  DispatchEntry& entry = call.entry_;
  std::shared_ptr<DispatchedCall> gone;
  std::shared_ptr<const std::function<void()>> idle_callback;
  std::shared_ptr<const CallbackRunner> callbacks;
  RunList promoted;
  {
    const std::lock_guard lock(mutex_);
    if (entry.state != DispatchEntry::State::running) return;
    leave_running(entry);
    gone = std::move(entry.call);
    promote(promoted);
    if (running_.empty() && idle_callback_ != nullptr) {
      idle_callback = idle_callback_;
      callbacks = callbacks_;
    }
  }
  // From here on the queue may be gone: a call that ends may have held its last handle.
  run(promoted);
  if (idle_callback != nullptr) callbacks->run_guarded(*idle_callback);
}

bool DispatchQueue::withdraw(DispatchedCall& call) noexcept {
  DispatchEntry& entry = call.entry_;
  std::shared_ptr<DispatchedCall> gone;
  const std::lock_guard lock(mutex_);
  if (entry.state != DispatchEntry::State::ready) return false;
  leave_ready(entry);
  update_eligibility(*entry.host);
  drop_if_unused(*std::exchange(entry.host, nullptr));
  if (entry.announcing) {
    // The enqueuing thread is telling the call that it waits; what ends the call must come after that. So that thread
    // runs it, beside the limits since it does no more than end.
    start(entry, false);
    return false;
  }
  entry.state = DispatchEntry::State::unlisted;
  gone = std::move(entry.call);
  return true;
}

void DispatchQueue::blocking_started(std::shared_ptr<DispatchedCall> call) noexcept {
  DispatchEntry& entry = call->entry_;
  const std::lock_guard lock(mutex_);
  assert(entry.state == DispatchEntry::State::unlisted);
  entry.call = std::move(call);
  start(entry, false);
}

void DispatchQueue::run_callback(std::function<void()> work, std::function<void()> when_refused) {
  // An executor may run the work at once, which may drop the last handle of this queue.
  const std::shared_ptr<const CallbackRunner> callbacks = callbacks_;
  callbacks->run(std::move(work), std::move(when_refused));
}

void DispatchQueue::report_exception(const std::exception_ptr& exception) const noexcept {
  callbacks_->run_guarded([&exception] { std::rethrow_exception(exception); });
}

void DispatchQueue::set_max_requests(std::size_t maximum) noexcept {
  RunList promoted;
  {
    const std::lock_guard lock(mutex_);
    max_requests_ = maximum;
    promote(promoted);
  }
  run(promoted);
}

std::size_t DispatchQueue::max_requests() const noexcept {
  const std::lock_guard lock(mutex_);
  return max_requests_;
}

void DispatchQueue::set_max_requests_per_host(std::size_t maximum) noexcept {
  RunList promoted;
  {
    const std::lock_guard lock(mutex_);
    max_requests_per_host_ = maximum;
    for (auto& [name, host] : hosts_) update_eligibility(host);
    promote(promoted);
  }
  run(promoted);
}

std::size_t DispatchQueue::max_requests_per_host() const noexcept {
  const std::lock_guard lock(mutex_);
  return max_requests_per_host_;
}

void DispatchQueue::set_idle_callback(std::function<void()> callback) {
  std::shared_ptr<const std::function<void()>> replacement;
  if (callback) replacement = std::make_shared<const std::function<void()>>(std::move(callback));
  const std::lock_guard lock(mutex_);
  idle_callback_.swap(replacement);
}

void DispatchQueue::set_callback_exception_handler(std::function<void(std::exception_ptr)> handler) {
  callbacks_->set_exception_handler(std::move(handler));
}

void DispatchQueue::cancel_all() const {
  Calls calls;
  {
    const std::lock_guard lock(mutex_);
    append(calls, ready_, ready_count_);
    append(calls, running_, running_count_);
  }
  for (const std::shared_ptr<DispatchedCall>& call : calls) call->cancel_dispatched();
}

DispatchQueue::Calls DispatchQueue::queued() const {
  Calls calls;
  const std::lock_guard lock(mutex_);
  append(calls, ready_, ready_count_);
  return calls;
}

DispatchQueue::Calls DispatchQueue::running() const {
  Calls calls;
  const std::lock_guard lock(mutex_);
  append(calls, running_, running_count_);
  return calls;
}

std::size_t DispatchQueue::queued_count() const noexcept {
  const std::lock_guard lock(mutex_);
  return ready_count_;
}

std::size_t DispatchQueue::running_count() const noexcept {
  const std::lock_guard lock(mutex_);
  return running_count_;
}

/// A call that ends while it is being run frees its place for the next, and so on: the outermost run() on a thread runs
/// them all one after another, lest a long queue becomes a deep stack.
void DispatchQueue::run(RunList& promoted) noexcept {
  static thread_local RunList* runs_here = nullptr;
  if (runs_here != nullptr) {
    while (DispatchEntry* entry = promoted.pop_front()) runs_here->push_back(*entry);
    return;
  }
  runs_here = &promoted;
  while (DispatchEntry* entry = promoted.pop_front()) {
    const std::shared_ptr<DispatchedCall> call = entry->call;  // finished() may drop the other one within
    call->run_dispatched();
  }
  runs_here = nullptr;
}

void DispatchQueue::append(Calls& calls, const EntryList& list, std::size_t count) {
  calls.reserve(calls.size() + count);
  for (const DispatchEntry* entry = list.front(); entry != nullptr; entry = EntryList::next(*entry)) {
    calls.push_back(entry->call);
  }
}

DispatchHost& DispatchQueue::host_named(const HostName& name) {
  auto found = hosts_.find(name);
  if (found == hosts_.end()) {
    eligible_.reserve(hosts_.size() + 2);
    found = hosts_.try_emplace(std::string(name.text)).first;
    found->second.name = &found->first;
  } else if (found->second.unused.linked) {
    unused_hosts_.erase(found->second);
    --unused_hosts_count_;
  }
  return found->second;
}

bool DispatchQueue::is_full(const DispatchHost& host) const noexcept {
  return host.name != nullptr && host.running >= max_requests_per_host_;
}

void DispatchQueue::update_eligibility(DispatchHost& host) noexcept {
  eligible_.update(host, !host.ready.empty() && !is_full(host));
}

void DispatchQueue::drop_if_unused(DispatchHost& host) noexcept {
  if (host.is_used() || host.name == nullptr) return;
  unused_hosts_.push_back(host);
  if (++unused_hosts_count_ <= kUnusedHostsKept) return;
  --unused_hosts_count_;
  hosts_.erase(hosts_.find(HostName(*unused_hosts_.pop_front()->name)));
}

void DispatchQueue::start(DispatchEntry& entry, bool with_place) noexcept {
  entry.state = DispatchEntry::State::running;
  running_.push_back(entry);
  ++running_count_;
  entry.holds_place = with_place;
  if (!with_place) return;
  ++places_taken_;
  ++entry.host->running;
}

void DispatchQueue::append_ready(DispatchEntry& entry) noexcept {
  entry.state = DispatchEntry::State::ready;
  entry.sequence = next_sequence_++;
  ready_.push_back(entry);
  ++ready_count_;
  entry.host->ready.push_back(entry);
  update_eligibility(*entry.host);
}

void DispatchQueue::leave_ready(DispatchEntry& entry) noexcept {
  ready_.erase(entry);
  --ready_count_;
  entry.host->ready.erase(entry);
}

void DispatchQueue::leave_running(DispatchEntry& entry) noexcept {
  entry.state = DispatchEntry::State::unlisted;
  running_.erase(entry);
  --running_count_;
  if (!std::exchange(entry.holds_place, false)) return;
  --places_taken_;
  DispatchHost& host = *std::exchange(entry.host, nullptr);
  --host.running;
  update_eligibility(host);
  drop_if_unused(host);
}

void DispatchQueue::promote(RunList& promoted) noexcept {
  while (places_taken_ < max_requests_ && !eligible_.empty()) {
    DispatchHost& host = eligible_.first();
    DispatchEntry& entry = *host.ready.front();
    leave_ready(entry);
    start(entry, true);
    update_eligibility(host);
    if (!entry.announcing) promoted.push_back(entry);
  }
}

}  // namespace okhttp::internal
