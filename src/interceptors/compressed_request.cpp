#include <okhttp/content_coding.hpp>
#include <okhttp/error.hpp>
#include <okhttp/gzip.hpp>
#include <okhttp/request.hpp>

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace okhttp {
namespace {

using Encoder = ContentCoding::Encoder;

/// Codes what is written to it and passes that on.
class EncodingSink final : public BodySink {
 public:
  using BodySink::write;

  EncodingSink(BodySink& to, const ContentCoding& coding) : to_(to), encoder_(coding.make_encoder()) {
    if (encoder_ == nullptr) fail("there is none");
  }

  Task<void> write(std::span<const std::byte> bytes) override {
    written_ += bytes.size();
    return encode(bytes, Encoder::Until::more);
  }

  Task<void> flush() override {
    Task<void> encoding = encode(std::span<const std::byte>(), Encoder::Until::flushed);
    co_await std::move(encoding);
    co_await to_.flush();
  }

  Task<void> finish() { return encode(std::span<const std::byte>(), Encoder::Until::end); }

  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }

 private:
  Task<void> encode(std::span<const std::byte> bytes, Encoder::Until until) {
    if (bytes.empty() && until == Encoder::Until::more) co_return;
    for (;;) {
      const Encoder::Step step = encoder_->encode(bytes, output_, until);
      if (step.taken > bytes.size() || step.made > output_.size()) fail("claims more than it was given");
      bytes = bytes.subspan(step.taken);
      if (step.is_done && !bytes.empty()) fail("is done before it has taken all");
      if (step.made > 0) co_await to_.write(std::span<const std::byte>(output_).first(step.made));
      if (step.is_done) co_return;
      if (step.taken == 0 && step.made == 0) fail("gets nowhere");
    }
  }

  [[noreturn]] static void fail(const std::string& what) {
    throw Error(Errc::rejected, Blame::caller, "the encoder of the request body: " + what);
  }

  BodySink& to_;
  const std::unique_ptr<Encoder> encoder_;
  std::uint64_t written_ = 0;
  std::array<std::byte, 16384> output_;
};

class CompressedRequestBody final : public RequestBody {
 public:
  CompressedRequestBody(RequestBodyPtr plain, std::shared_ptr<const ContentCoding> coding) noexcept
      : plain_(std::move(plain)), coding_(std::move(coding)) {}

  [[nodiscard]] std::optional<MediaType> content_type() const override { return plain_->content_type(); }
  [[nodiscard]] bool is_one_shot() const override { return plain_->is_one_shot(); }
  [[nodiscard]] bool is_duplex() const override { return plain_->is_duplex(); }
  void exchange_ended() const noexcept override { plain_->exchange_ended(); }

  Task<void> write_to(BodySink& sink) const override {
    const auto compressed = std::make_unique<EncodingSink>(sink, *coding_);
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
  const std::shared_ptr<const ContentCoding> coding_;
};

}  // namespace

Request compressed(const Request& request, std::shared_ptr<const ContentCoding> coding) {
  if (coding == nullptr || !coding->has_encoder()) {
    throw std::invalid_argument("compressed: the coding is null or has no encoder");
  }
  if (request.body() == nullptr) throw std::invalid_argument("compressed: the request has no body");
  if (request.headers().contains("Content-Encoding")) {
    throw std::invalid_argument("compressed: the request has a Content-Encoding already");
  }
  const std::string name(coding->name());
  return request.new_builder()
      .method(request.method(), std::make_shared<CompressedRequestBody>(request.body(), std::move(coding)))
      .header("Content-Encoding", name)
      .build();
}

Request gzip(const Request& request) { return compressed(request, ContentCoding::gzip()); }

}  // namespace okhttp
