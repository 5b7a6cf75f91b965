#include "interceptors/gzip_source.hpp"

#include <okhttp/error.hpp>

#include <algorithm>
#include <limits>
#include <new>
#include <string>
#include <utility>

namespace okhttp::internal {
namespace {

constexpr std::size_t kInputSize = std::size_t{16} << 10;
constexpr int kGzipOnly = 16 + MAX_WBITS;

Error damaged(const std::string& what) {
  return Error(Errc::decode_failed, Blame::peer, "the gzip response body " + what);
}

}  // namespace

GzipSource::GzipSource(ResponseBody coded, std::shared_ptr<DecodingBudget> budget, bool wire)
    : coded_(std::move(coded)), budget_(std::move(budget)), wire_(wire) {
  if (::inflateInit2(&zlib_, kGzipOnly) != Z_OK) throw std::bad_alloc();
}

GzipSource::~GzipSource() { ::inflateEnd(&zlib_); }

Task<std::size_t> GzipSource::read_some(std::span<std::byte> into) {
  while (state_ != State::ended) {
    if (zlib_.avail_in == 0 && !output_pending_) {
      const bool more = co_await fill();
      if (!more) {
        if (state_ == State::in_member || members_ == 0) throw damaged("ended before it was complete");
        state_ = State::ended;
        break;
      }
    }
    if (state_ == State::before_member) begin_member();
    const std::size_t count = inflate_into(into);
    if (count > 0) co_return count;
  }
  co_return 0;
}

Task<bool> GzipSource::fill() {
  input_.resize(kInputSize);
  Task<std::size_t> reading = coded_.async().read_some(input_);
  const std::size_t count = co_await std::move(reading);
  if (wire_) budget_->received(count);
  zlib_.next_in = reinterpret_cast<Bytef*>(input_.data());
  zlib_.avail_in = static_cast<uInt>(count);
  co_return count > 0;
}

void GzipSource::begin_member() {
  constexpr Bytef kFirstMagicByte = 0x1f;
  if (members_ > 0 && *zlib_.next_in != kFirstMagicByte) throw damaged("is followed by something else");
  ++members_;
  ::inflateReset(&zlib_);
  state_ = State::in_member;
}

std::size_t GzipSource::inflate_into(std::span<std::byte> into) {
  const std::size_t room = std::min<std::size_t>(into.size(), std::numeric_limits<uInt>::max());
  zlib_.next_out = reinterpret_cast<Bytef*>(into.data());
  zlib_.avail_out = static_cast<uInt>(room);
  const int result = ::inflate(&zlib_, Z_NO_FLUSH);
  const std::size_t count = room - zlib_.avail_out;
  produced_ += count;
  budget_->check(produced_);
  // With its room full, zlib may hold more than what is left of the input.
  output_pending_ = zlib_.avail_out == 0;
  switch (result) {
    case Z_OK:
    case Z_BUF_ERROR:  // needs more input
      return count;
    case Z_STREAM_END:
      output_pending_ = false;
      state_ = State::before_member;
      return count;
    case Z_MEM_ERROR:
      throw std::bad_alloc();
    default:
      throw damaged(std::string("is damaged: ") + (zlib_.msg != nullptr ? zlib_.msg : "zlib refuses it"));
  }
}

}  // namespace okhttp::internal
