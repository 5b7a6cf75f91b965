#include <okhttp/error.hpp>
#include <okhttp/gzip.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace okhttp {
namespace {

/// Compresses what is written to it and passes that on.
class GzipSink final : public BodySink {
 public:
  using BodySink::write;

  explicit GzipSink(BodySink& to) : to_(to) {
    constexpr int kGzip = 16 + MAX_WBITS;
    constexpr int kMemory = 8;
    if (::deflateInit2(&zlib_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~GzipSink() override { ::deflateEnd(&zlib_); }

  Task<void> write(std::span<const std::byte> bytes) override {
    written_ += bytes.size();
    while (!bytes.empty()) {
      const std::size_t count = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
      // zlib does not write there; its interface is older than const.
      zlib_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
      zlib_.avail_in = static_cast<uInt>(count);
      co_await deflate(Z_NO_FLUSH);
      bytes = bytes.subspan(count);
    }
  }

  Task<void> flush() override {
    co_await deflate(Z_SYNC_FLUSH);
    co_await to_.flush();
  }

  Task<void> finish() { return deflate(Z_FINISH); }

  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }

 private:
  Task<void> deflate(int flush) {
    for (;;) {
      zlib_.next_out = reinterpret_cast<Bytef*>(output_.data());
      zlib_.avail_out = static_cast<uInt>(output_.size());
      ::deflate(&zlib_, flush);
      const std::size_t count = output_.size() - zlib_.avail_out;
      const bool is_done = zlib_.avail_out > 0;
      if (count > 0) co_await to_.write(std::span<const std::byte>(output_).first(count));
      // Room was left over, so nothing is held back that this flush would give.
      if (is_done) co_return;
    }
  }

  BodySink& to_;
  z_stream zlib_{};
  std::uint64_t written_ = 0;
  std::array<std::byte, 16384> output_;
};

class GzipRequestBody final : public RequestBody {
 public:
  explicit GzipRequestBody(RequestBodyPtr plain) noexcept : plain_(std::move(plain)) {}

  [[nodiscard]] std::optional<MediaType> content_type() const override { return plain_->content_type(); }
  [[nodiscard]] bool is_one_shot() const override { return plain_->is_one_shot(); }
  [[nodiscard]] bool is_duplex() const override { return plain_->is_duplex(); }
  void exchange_ended() const noexcept override { plain_->exchange_ended(); }

  Task<void> write_to(BodySink& sink) const override {
    const auto compressed = std::make_unique<GzipSink>(sink);
    Task<void> writing = plain_->write_to(*compressed);
    co_await std::move(writing);
    // What is compressed has no length to be checked against, so the promise is checked here.
    const std::optional<std::uint64_t> promised = plain_->content_length();
    if (promised.has_value() && *promised != compressed->written()) {
      throw Error(Errc::body_length_mismatch, Blame::caller,
                  "the request body promised " + std::to_string(*promised) + " bytes and gave " +
                      std::to_string(compressed->written()));
    }
    Task<void> finishing = compressed->finish();
    co_await std::move(finishing);
  }

 private:
  const RequestBodyPtr plain_;
};

}  // namespace

Request gzip(const Request& request) {
  if (request.body() == nullptr) throw std::invalid_argument("gzip: the request has no body");
  if (request.headers().contains("Content-Encoding")) {
    throw std::invalid_argument("gzip: the request has a Content-Encoding already");
  }
  return request.new_builder()
      .method(request.method(), std::make_shared<GzipRequestBody>(request.body()))
      .header("Content-Encoding", "gzip")
      .build();
}

}  // namespace okhttp
