// The first byte chooses up to two codings, the rest is a body in them: decoded with much at hand and room, and in
// pieces, both must come to the same end; and what was decoded must come out the same when it is encoded and decoded
// again.

#include <okhttp/error.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/response_body.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "interceptors/content_decoding.hpp"
#include "support/codings.hpp"

namespace {

using namespace okhttp;
using namespace okhttp::internal;

/// More than that is not read of a content.
constexpr std::size_t kEnough = std::size_t{1} << 20;

void require(bool condition) {
  if (!condition) std::abort();
}

class PieceSource final : public BodySource {
 public:
  PieceSource(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  Task<std::size_t> read_some(std::span<std::byte> into) override {
    const std::size_t count = std::min({into.size(), piece_, text_.size() - position_});
    if (count > 0) std::memcpy(into.data(), text_.data() + position_, count);
    position_ += count;
    co_return count;
  }

 private:
  const std::string text_;
  const std::size_t piece_;
  std::size_t position_ = 0;
};

struct Outcome {
  std::string content;
  bool is_whole = false;
  bool is_refused = false;
};

Outcome decoded(const std::string& coded, const std::string& names, std::size_t piece, std::size_t room) {
  Outcome outcome;
  const ResponseBody body =
      ResponseBody::create(std::make_unique<PieceSource>(coded, piece), std::nullopt, std::nullopt);
  std::vector<std::byte> buffer(room);
  try {
    const ResponseBody plain = decode(Headers::of({{"Content-Encoding", names}}), body, built_in_codings()).value();
    while (outcome.content.size() < kEnough) {
      const std::size_t count = plain.read_some(buffer);
      if (count == 0) {
        outcome.is_whole = true;
        break;
      }
      outcome.content.append(reinterpret_cast<const char*>(buffer.data()), count);
    }
  } catch (const Error& error) {
    require(error.blame() == Blame::peer);
    outcome.is_refused = true;
  }
  return outcome;
}

void require_equal(const Outcome& a, const Outcome& b) {
  // How much of a damaged body comes before its damage is found depends on what is at hand.
  const std::size_t common = std::min(a.content.size(), b.content.size());
  require(a.content.compare(0, common, b.content, 0, common) == 0);
  if (std::max(a.content.size(), b.content.size()) >= kEnough) return;
  require(a.is_refused == b.is_refused && a.is_whole == b.is_whole);
  if (a.is_whole) require(a.content == b.content);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ContentCodings codings = built_in_codings();
  const std::size_t choice = data[0];
  const ContentCoding& last = *codings[choice % codings.size()];
  const std::size_t below = choice / codings.size() % (codings.size() + 1);
  std::string names(last.name());
  if (below < codings.size()) names = std::string(codings[below]->name()) + ", " + names;
  const std::string coded(reinterpret_cast<const char*>(data) + 1, size - 1);

  const Outcome outcome = decoded(coded, names, coded.size() + 1, 65536);
  require_equal(decoded(coded, names, 1, 65536), outcome);
  require_equal(decoded(coded, names, 1 + choice % 7, 1 + size % 1000), outcome);

  if (!outcome.is_whole) return 0;
  const Outcome again = decoded(encoded(last, outcome.content), std::string(last.name()), 1000, 1000);
  require(again.is_whole && again.content == outcome.content);
  return 0;
}
