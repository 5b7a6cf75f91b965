#include "cache/caching_source.hpp"

#include <new>
#include <utility>

#include "cache/off_loop.hpp"
#include "codec/response_body_access.hpp"

namespace okhttp::internal {
namespace {

/// What comes after the reader has gone.
class KeptRest final : public BodyRest {
 public:
  explicit KeptRest(std::unique_ptr<CacheRequest> request) noexcept : request_(std::move(request)) {}
  void take(std::span<const std::byte> bytes) noexcept override { request_->append(bytes); }
  void complete() noexcept override { CacheRequest::commit(std::move(request_)); }

 private:
  std::unique_ptr<CacheRequest> request_;
};

}  // namespace

CachingSource::CachingSource(ResponseBody network, std::unique_ptr<CacheRequest> request)
    : network_(std::move(network)), request_(std::move(request)) {}

CachingSource::~CachingSource() {
  if (request_ == nullptr) return;
  try {
    ResponseBodyAccess::abandon_to(network_, std::make_unique<KeptRest>(std::move(request_)));
  } catch (const std::bad_alloc&) {
    // Then it is not kept.
  }
}

Task<std::size_t> CachingSource::read_some(std::span<std::byte> into) {
  if (request_ != nullptr && !request_->has_room()) {
    const auto held = std::make_shared<std::unique_ptr<CacheRequest>>(std::move(request_));
    std::shared_ptr<CacheCore> core = (*held)->core();
    auto work = [held] {
      (*held)->wait_for_room();
      return true;
    };
    WaitResult why = WaitResult::ready;
    const bool elsewhere = must_leave_loop(*core);
    Task<std::optional<bool>> waiting = ask_off_thread(elsewhere, std::move(core), WaitTerms(), std::move(work), why);
    const std::optional<bool> came = co_await std::move(waiting);
    if (came.has_value()) request_ = std::move(*held);
  }
  std::size_t count = 0;
  try {
    Task<std::size_t> reading = network_.async().read_some(into);
    count = co_await std::move(reading);
  } catch (...) {
    request_.reset();
    throw;
  }
  if (request_ == nullptr) co_return count;
  request_->append(into.first(count));
  if (count == 0 || ResponseBodyAccess::is_at_end(network_)) CacheRequest::commit(std::move(request_));
  co_return count;
}

bool CachingSource::is_at_end() const noexcept { return ResponseBodyAccess::is_at_end(network_); }

}  // namespace okhttp::internal
