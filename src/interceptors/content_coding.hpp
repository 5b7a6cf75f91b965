#pragma once

#include <okhttp/headers.hpp>
#include <okhttp/response_body.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace okhttp::internal {

/// How much the decoders of one body may make of what came over the wire. Shared by all layers of it.
class DecodingBudget {
 public:
  /// Below this size no ratio is suspicious.
  static constexpr std::uint64_t kFree = std::uint64_t{8} << 20;
  /// One layer of deflate reaches 1032 at most; more layers multiply.
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

/// A content coding (RFC 9110 §8.4.1) that responses may come in.
struct ContentCoding {
  /// Decodes what `coded` gives. `wire` is true for the layer next to the wire, which counts what it takes.
  using Open =
      std::function<std::unique_ptr<BodySource>(ResponseBody coded, std::shared_ptr<DecodingBudget> budget, bool wire)>;
  ContentCoding(std::string coding_name, Open open_decoder)
      : name(std::move(coding_name)), open(std::move(open_decoder)) {}
  std::string name;
  Open open;
};

[[nodiscard]] ContentCoding gzip_coding();

/// The body without its codings, when there are some and all of them are in `codings`; nothing otherwise.
/// Throws Errc::limit_exceeded when it is wrapped too often.
[[nodiscard]] std::optional<ResponseBody> decode(const Headers& headers, const ResponseBody& body,
                                                 const std::vector<ContentCoding>& codings);

}  // namespace okhttp::internal
