#include "connection/counting_sink.hpp"

#include <okhttp/error.hpp>

#include <string>
#include <utility>

#include "runtime/call_context.hpp"

namespace okhttp::internal {
namespace {

Error length_mismatch(std::uint64_t promised, std::uint64_t written, bool more) {
  std::string text = "the request body promised " + std::to_string(promised) + " bytes and gave ";
  text += more ? "more: " + std::to_string(written) + " so far" : "only " + std::to_string(written);
  return Error(Errc::body_length_mismatch, Blame::caller, text);
}

}  // namespace

Task<void> CountingSink::write(std::span<const std::byte> bytes) {
  const std::uint64_t written = this->written() + bytes.size();
  written_.store(written, std::memory_order_relaxed);
  if (promised_.has_value() && written > *promised_) throw length_mismatch(*promised_, written, true);
  return guarded(codec_.write_request_body(bytes));
}

Task<void> CountingSink::flush() { return guarded(codec_.flush_request()); }

void CountingSink::check_complete() const {
  if (promised_.has_value() && written() < *promised_) throw length_mismatch(*promised_, written(), false);
}

Task<void> CountingSink::guarded(Task<void> sending) {
  try {
    context_.check();
    co_await std::move(sending);
  } catch (const Error&) {
    connection_failed_ = true;
    throw;
  }
}

}  // namespace okhttp::internal
