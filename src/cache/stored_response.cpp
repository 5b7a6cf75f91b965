#include "cache/stored_response.hpp"

#include <okhttp/error.hpp>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "cache/cache_key.hpp"
#include "cache/off_loop.hpp"
#include "cache/stored_headers.hpp"

namespace okhttp::internal {
namespace {

Error reading_failed(const std::string& why) {
  return Error(Errc::io, Blame::library, "reading the cached response body: " + why);
}

}  // namespace

CachedResponse to_stored(const Request& request, const Response& response) {
  CachedResponse stored;
  stored.code = response.code();
  stored.message = response.message();
  stored.protocol = response.protocol();
  stored.headers = storable_headers(response.headers());
  stored.handshake = response.handshake();
  stored.sent_request_at = response.sent_request_at();
  stored.received_response_at = response.received_response_at();
  stored.variant = variant_of(request, response.headers());
  if (response.code() == 206) stored.part = parse_content_range(response.headers());
  return stored;
}

Response::Builder from_stored(const Request& request, const CachedResponse& stored) {
  Response::Builder builder;
  builder.request(request)
      .protocol(stored.protocol)
      .code(stored.code)
      .message(stored.message)
      .headers(stored.headers)
      .handshake(stored.handshake)
      .sent_request_at(stored.sent_request_at)
      .received_response_at(stored.received_response_at);
  return builder;
}

StoredSource::StoredSource(std::shared_ptr<CacheCore> core, std::shared_ptr<CacheStore::Reader> reader,
                           std::uint64_t length)
    : core_(std::move(core)), reader_(std::move(reader)), left_(length) {}

Task<std::size_t> StoredSource::read_some(std::span<std::byte> into) {
  const std::span<std::byte> wanted = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_)));
  if (wanted.empty()) co_return 0;
  std::size_t count = 0;
  try {
    if (reader_->is_at_hand() || !must_leave_loop(*core_)) {
      count = reader_->read_some(wanted);
    } else {
      Task<std::size_t> reading = read_elsewhere(core_, reader_, wanted);
      count = co_await std::move(reading);
    }
  } catch (const Error&) {
    throw;
  } catch (const std::exception& failure) {
    core_->failed(failure.what());
    throw reading_failed(failure.what());
  }
  if (count == 0) throw reading_failed("it ends before it is complete");
  left_ -= count;
  co_return count;
}

Task<std::size_t> StoredSource::read_elsewhere(std::shared_ptr<CacheCore> core,
                                               std::shared_ptr<CacheStore::Reader> reader, std::span<std::byte> into) {
  // Into memory of its own: the reader of the body may be gone before the store comes back.
  const std::size_t size = into.size();
  auto work = [reader, size] {
    std::vector<std::byte> piece(size);
    piece.resize(reader->read_some(piece));
    return piece;
  };
  WaitResult why = WaitResult::ready;
  Engine& engine = *Engine::current();
  Task<std::optional<std::vector<std::byte>>> reading =
      offload(core->threads(), engine, WaitTerms(), std::move(work), why);
  const std::optional<std::vector<std::byte>> piece = co_await std::move(reading);
  if (!piece.has_value()) throw Error(Errc::canceled, Blame::caller, "reading the cached response body: canceled");
  std::memcpy(into.data(), piece->data(), piece->size());
  co_return piece->size();
}

}  // namespace okhttp::internal
