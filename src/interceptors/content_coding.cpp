#include <okhttp/content_coding.hpp>

namespace okhttp {

ContentCoding::~ContentCoding() = default;
ContentCoding::Decoder::~Decoder() = default;
ContentCoding::Encoder::~Encoder() = default;

ContentCoding::Decoder::Step ContentCoding::Decoder::Step::damaged(std::string_view reason) noexcept {
  Step step(0, 0, State::damaged);
  step.reason = reason;
  return step;
}

std::unique_ptr<ContentCoding::Encoder> ContentCoding::make_encoder() const { return nullptr; }

}  // namespace okhttp
