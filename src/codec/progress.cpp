#include <okhttp/progress.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include "codec/response_body_access.hpp"

namespace okhttp {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10;

/// Counts one transfer.
class Meter {
 public:
  Meter(const ProgressCallback& callback, std::optional<std::uint64_t> total)
      : callback_(callback), progress_(0, total) {}

  void add(std::size_t count) {
    progress_.transferred += count;
    callback_(progress_);
    is_told_ = progress_.is_complete();
  }

  /// All has come.
  void complete() {
    if (is_told_) return;
    is_told_ = true;
    progress_.total = progress_.transferred;
    callback_(progress_);
  }

 private:
  const ProgressCallback& callback_;
  Progress progress_;
  bool is_told_ = false;
};

class MeteredSink final : public BodySink {
 public:
  MeteredSink(BodySink& sink, Meter& meter) noexcept : sink_(sink), meter_(meter) {}

  [[nodiscard]] Task<void> write(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const auto piece = bytes.first(std::min(bytes.size(), kPiece));
      co_await sink_.write(piece);
      meter_.add(piece.size());
      bytes = bytes.subspan(piece.size());
    }
  }
  [[nodiscard]] Task<void> flush() override { return sink_.flush(); }

 private:
  BodySink& sink_;
  Meter& meter_;
};

class MeteredBody final : public RequestBody {
 public:
  MeteredBody(RequestBodyPtr body, ProgressCallback callback) noexcept
      : body_(std::move(body)), callback_(std::move(callback)) {}

  [[nodiscard]] std::optional<MediaType> content_type() const override { return body_->content_type(); }
  [[nodiscard]] std::optional<std::uint64_t> content_length() const override { return body_->content_length(); }
  [[nodiscard]] bool is_one_shot() const override { return body_->is_one_shot(); }
  [[nodiscard]] bool is_duplex() const override { return body_->is_duplex(); }
  void exchange_ended() const noexcept override { body_->exchange_ended(); }
  // Not in_memory(): it would be sent past the sink.

  [[nodiscard]] Task<void> write_to(BodySink& sink) const override {
    Meter meter(callback_, body_->content_length());
    MeteredSink metered(sink, meter);
    co_await body_->write_to(metered);
    meter.complete();
  }

 private:
  const RequestBodyPtr body_;
  const ProgressCallback callback_;
};

class MeteredSource final : public BodySource {
 public:
  MeteredSource(ResponseBody body, ProgressCallback callback)
      : body_(std::move(body)), callback_(std::move(callback)), meter_(callback_, body_.content_length()) {}

  [[nodiscard]] Task<std::size_t> read_some(std::span<std::byte> into) override {
    Task<std::size_t> reading = body_.async().read_some(into);
    const std::size_t count = co_await std::move(reading);
    if (count > 0) meter_.add(count);
    if (count == 0 || is_at_end()) meter_.complete();
    co_return count;
  }

  [[nodiscard]] bool is_at_end() const noexcept override { return internal::ResponseBodyAccess::is_at_end(body_); }
  void abandon_to(std::unique_ptr<BodyRest> rest) noexcept override {
    internal::ResponseBodyAccess::abandon_to(body_, std::move(rest));
  }
  [[nodiscard]] Headers trailers() const override { return body_.trailers(); }

 private:
  const ResponseBody body_;
  const ProgressCallback callback_;
  Meter meter_;
};

void check(const ProgressCallback& callback) {
  if (!callback) throw std::invalid_argument("progress needs a function that is told of it");
}

}  // namespace

RequestBodyPtr with_progress(RequestBodyPtr body, ProgressCallback callback) {
  if (body == nullptr) throw std::invalid_argument("progress needs a body");
  check(callback);
  return std::make_shared<const MeteredBody>(std::move(body), std::move(callback));
}

ResponseBody with_progress(ResponseBody body, ProgressCallback callback) {
  check(callback);
  std::optional<MediaType> type = body.content_type();
  const std::optional<std::uint64_t> length = body.content_length();
  auto source = std::make_unique<MeteredSource>(std::move(body), std::move(callback));
  return ResponseBody::create(std::move(source), std::move(type), length);
}

Response with_progress(const Response& response, ProgressCallback callback) {
  return response.new_builder().body(with_progress(response.body(), std::move(callback))).build();
}

}  // namespace okhttp
