#include "interceptors/decoding_source.hpp"

#include <okhttp/error.hpp>

#include <utility>

namespace okhttp::internal {
namespace {

constexpr std::size_t kInputSize = std::size_t{16} << 10;

}  // namespace

DecodingSource::DecodingSource(ResponseBody coded, std::shared_ptr<const ContentCoding> coding,
                               std::shared_ptr<DecodingBudget> budget, bool is_next_to_wire)
    : coded_(std::move(coded)),
      coding_(std::move(coding)),
      budget_(std::move(budget)),
      is_next_to_wire_(is_next_to_wire),
      decoder_(coding_->make_decoder()) {
  if (decoder_ == nullptr) fail_for_decoder("there is none");
}

Task<std::size_t> DecodingSource::read_some(std::span<std::byte> into) {
  for (;;) {
    if (input_.empty() && !may_hold_back_) {
      const bool more = co_await fill();
      if (!more) {
        // A message without content is whole, whatever coding it names: as it would be with Content-Length: 0.
        if (!is_complete_ && has_begun_) fail_for_peer("ended before it was complete");
        co_return 0;
      }
    }
    const std::size_t made = decode_into(into);
    if (made > 0) co_return made;
  }
}

Task<bool> DecodingSource::fill() {
  buffer_.resize(kInputSize);
  Task<std::size_t> reading = coded_.async().read_some(buffer_);
  const std::size_t count = co_await std::move(reading);
  if (is_next_to_wire_) budget_->received(count);
  input_ = std::span<const std::byte>(buffer_).first(count);
  has_begun_ = has_begun_ || count > 0;
  co_return count > 0;
}

std::size_t DecodingSource::decode_into(std::span<std::byte> into) {
  using State = ContentCoding::Decoder::State;
  const ContentCoding::Decoder::Step step = decoder_->decode(input_, into);
  if (step.taken > input_.size() || step.made > into.size()) fail_for_decoder("claims more than it was given");
  produced_ += step.made;
  budget_->check(produced_);
  if (step.state == State::damaged) {
    fail_for_peer("is damaged" + (step.reason.empty() ? std::string() : ": " + std::string(step.reason)));
  }
  const bool is_complete = step.state == State::complete;
  if (step.taken == 0 && step.made == 0 && !input_.empty()) {
    // The same step again would change nothing.
    if (!is_complete) fail_for_decoder("gets nowhere");
    if (is_complete_) fail_for_peer("is followed by something else");
  }
  input_ = input_.subspan(step.taken);
  is_complete_ = is_complete;
  may_hold_back_ = !is_complete && step.made == into.size();
  return step.made;
}

void DecodingSource::fail_for_peer(const std::string& what) const {
  throw Error(Errc::decode_failed, Blame::peer, "the " + std::string(coding_->name()) + " response body " + what);
}

void DecodingSource::fail_for_decoder(const std::string& what) const {
  throw Error(Errc::decode_failed, Blame::caller, "the decoder of " + std::string(coding_->name()) + ": " + what);
}

}  // namespace okhttp::internal
