#include "interceptors/content_coding.hpp"

#include <okhttp/error.hpp>

#include <string_view>

#include "http/ascii.hpp"
#include "interceptors/gzip_source.hpp"

namespace okhttp::internal {
namespace {

/// Servers apply one. Every further layer multiplies what a few bytes can cost.
constexpr std::size_t kMaxLayers = 5;

const ContentCoding* find(const std::vector<ContentCoding>& codings, std::string_view name) noexcept {
  // RFC 9110 §8.4.1.3: x-gzip is the same.
  if (equals_ignore_case(name, "x-gzip")) name = "gzip";
  for (const ContentCoding& coding : codings) {
    if (equals_ignore_case(coding.name, name)) return &coding;
  }
  return nullptr;
}

}  // namespace

void DecodingBudget::refuse(std::uint64_t bytes) const {
  throw Error(Errc::limit_exceeded, Blame::peer,
              "the response body decodes to over " + std::to_string(kMaxRatio) +
                  " times its size: " + std::to_string(bytes) + " bytes out of " + std::to_string(received_));
}

ContentCoding gzip_coding() {
  return ContentCoding("gzip", [](ResponseBody coded, std::shared_ptr<DecodingBudget> budget, bool wire) {
    return std::make_unique<GzipSource>(std::move(coded), std::move(budget), wire);
  });
}

std::optional<ResponseBody> decode(const Headers& headers, const ResponseBody& body,
                                   const std::vector<ContentCoding>& codings) {
  std::vector<const ContentCoding*> layers;  // in the order in which they were applied
  bool all_known = true;
  for (const std::string_view value : headers.values("Content-Encoding")) {
    for_each_list_element(value, [&](std::string_view name) {
      if (equals_ignore_case(name, "identity")) return;
      layers.push_back(find(codings, name));
      all_known = all_known && layers.back() != nullptr;
    });
  }
  if (layers.empty() || !all_known) return std::nullopt;
  if (layers.size() > kMaxLayers) {
    throw Error(Errc::limit_exceeded, Blame::peer,
                "the response body is coded " + std::to_string(layers.size()) + " times, more than the limit of " +
                    std::to_string(kMaxLayers));
  }
  const auto budget = std::make_shared<DecodingBudget>();
  ResponseBody decoded = body;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    const bool is_next_to_wire = layer == layers.rbegin();
    auto source = (*layer)->open(std::move(decoded), budget, is_next_to_wire);
    decoded = ResponseBody::create(std::move(source), body.content_type(), std::nullopt);
  }
  return decoded;
}

}  // namespace okhttp::internal
