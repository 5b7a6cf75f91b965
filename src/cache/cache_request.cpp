#include "cache/cache_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace okhttp::internal {

std::unique_ptr<CacheRequest> CacheRequest::begin(std::shared_ptr<CacheCore> core, Plan plan) {
  std::unique_ptr<CacheStore::Writer> writer = core->ask(
      [&](CacheStore& store) { return store.begin(plan.key, plan.head); }, std::unique_ptr<CacheStore::Writer>());
  if (writer == nullptr) return nullptr;
  auto request = std::make_unique<CacheRequest>(std::move(core), std::move(plan), std::move(writer));
  const std::optional<PartMerge>& merge = request->plan_.merge;
  if (!merge.has_value() || merge->prefix == 0) return request;
  bool is_copied = false;
  request->core_->tell([&](CacheStore& /*store*/) { is_copied = request->copy_stored(0, merge->prefix); });
  return is_copied ? std::move(request) : nullptr;
}

CacheRequest::CacheRequest(std::shared_ptr<CacheCore> core, Plan plan, std::unique_ptr<CacheStore::Writer> writer)
    : core_(std::move(core)), plan_(std::move(plan)), writer_(std::move(writer)) {}

CacheRequest::~CacheRequest() {
  if (!is_committed_) ++core_->aborts;
}

bool CacheRequest::copy_stored(std::uint64_t offset, std::uint64_t count) {
  const std::unique_ptr<CacheStore::Reader> reader = core_->store().open(plan_.merge->stored.id, offset);
  std::array<std::byte, 16384> piece;
  while (reader != nullptr && count > 0) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), count));
    const std::size_t got = reader->read_some(std::span(piece).first(wanted));
    if (got == 0) break;
    if (!writer_->has_room()) writer_->wait_for_room();
    if (!writer_->append(std::span(piece).first(got))) break;
    count -= got;
  }
  return count == 0;
}

void CacheRequest::append(std::span<const std::byte> bytes) noexcept {
  if (writer_ == nullptr) return;
  received_ += bytes.size();
  core_->tell([&](CacheStore& /*store*/) {
    if (!writer_->append(bytes)) writer_.reset();
  });
}

void CacheRequest::wait_for_room() noexcept {
  if (writer_ == nullptr) return;
  core_->tell([&](CacheStore& /*store*/) { writer_->wait_for_room(); });
}

void CacheRequest::commit(std::unique_ptr<CacheRequest> request) noexcept {
  CacheRequest& self = *request;
  const bool is_whole = self.received_ == self.plan_.length.value_or(self.received_);
  if (self.writer_ == nullptr || !is_whole) return;
  const bool waits = self.plan_.merge.has_value() && self.plan_.merge->suffix > 0 && self.core_->store().may_block();
  if (!waits) return self.finish();
  const std::shared_ptr<CacheCore> core = self.core_;
  core->tell([&](CacheStore& /*store*/) {
    core->threads().execute([last = std::shared_ptr<CacheRequest>(std::move(request))] { last->finish(); });
  });
}

void CacheRequest::finish() noexcept {
  core_->tell([&](CacheStore& store) {
    CachedResponse head = std::move(plan_.head);
    if (plan_.merge.has_value()) {
      const PartMerge& merge = *plan_.merge;
      if (merge.suffix > 0 && !copy_stored(merge.suffix_offset, merge.suffix)) return;
      head = merged_head(head, merge);
    }
    if (head.part.has_value()) head = with_part_described(std::move(head));
    if (!is_current()) return;
    std::exchange(writer_, nullptr)->commit(std::move(head));
    is_committed_ = true;
    ++core_->writes;
    if (is_current()) return;
    // Invalidated in between, perhaps just before what was committed could be found.
    if (!store.may_block()) return store.remove_url(plan_.key.url);
    core_->threads().execute(
        [core = core_, url = plan_.key.url] { core->tell([&](CacheStore& late) { late.remove_url(url); }); });
  });
}

}  // namespace okhttp::internal
