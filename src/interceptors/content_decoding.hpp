#pragma once

#include <okhttp/content_coding.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/response_body.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace okhttp::internal {

/// How much the decoders of one body may make of what came over the wire. Shared by all layers of it.
class DecodingBudget {
 public:
  /// Below this size no ratio is suspicious.
  static constexpr std::uint64_t kFree = std::uint64_t{8} << 20;
  /// One layer of deflate reaches 1032 at most; brotli and zstd know no bound, and more layers multiply.
  static constexpr std::uint64_t kMaxRatio = 1000;

  /// Bytes came over the wire.
  void received(std::uint64_t bytes) noexcept { received_ += bytes; }
  /// A layer has made `bytes` in all. Throws Errc::limit_exceeded when that is out of proportion.
  void check(std::uint64_t bytes) const {
    if (bytes > kFree && bytes / kMaxRatio > received_) refuse(bytes);
  }

 private:
  [[noreturn]] void refuse(std::uint64_t bytes) const;

  std::uint64_t received_ = 0;
};

/// Codings, the preferred one first.
using ContentCodings = std::vector<std::shared_ptr<const ContentCoding>>;

/// Throws std::invalid_argument when it is null or has a name that no coding can have.
void check_content_coding(const ContentCoding* coding);

/// What a client asks for: those that were added, then gzip unless it is among them. Of one name the last one counts.
[[nodiscard]] ContentCodings codings_to_ask_for(const ContentCodings& added);
/// What a client decodes: these, and deflate.
[[nodiscard]] ContentCodings codings_to_decode(ContentCodings asked_for);
/// RFC 9110 §12.5.3: the field that asks for them, preferring the first.
[[nodiscard]] std::string accept_encoding(const ContentCodings& codings);

/// The body without its codings, when there are some and all of them are in `codings`; nothing otherwise.
/// Throws Errc::limit_exceeded when it is wrapped too often.
[[nodiscard]] std::optional<ResponseBody> decode(const Headers& headers, const ResponseBody& body,
                                                 const ContentCodings& codings);

}  // namespace okhttp::internal
