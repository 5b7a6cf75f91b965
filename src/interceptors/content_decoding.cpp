#include "interceptors/content_decoding.hpp"

#include <okhttp/error.hpp>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "http/ascii.hpp"
#include "interceptors/decoding_source.hpp"

namespace okhttp::internal {
namespace {

/// Servers apply one. Every further layer multiplies what a few bytes can cost.
constexpr std::size_t kMaxLayers = 5;

ContentCodings::const_iterator find(const ContentCodings& codings, std::string_view name) noexcept {
  return std::find_if(codings.begin(), codings.end(),
                      [&](const auto& coding) { return equals_ignore_case(coding->name(), name); });
}

/// Null when there is none of that name.
std::shared_ptr<const ContentCoding> coding_named(const ContentCodings& codings, std::string_view name) noexcept {
  // RFC 9110 §8.4.1.3: x-gzip is the same.
  if (equals_ignore_case(name, "x-gzip")) name = "gzip";
  const auto found = find(codings, name);
  return found != codings.end() ? *found : nullptr;
}

}  // namespace

void DecodingBudget::refuse(std::uint64_t bytes) const {
  throw Error(Errc::limit_exceeded, Blame::peer,
              "the response body decodes to over " + std::to_string(kMaxRatio) +
                  " times its size: " + std::to_string(bytes) + " bytes out of " + std::to_string(received_));
}

void check_content_coding(const ContentCoding* coding) {
  if (coding == nullptr) throw std::invalid_argument("Client: the content coding is null");
  const std::string_view name = coding->name();
  // RFC 9110 §12.5.3: these two mean something else in Accept-Encoding.
  if (!is_token(name) || name == "*" || equals_ignore_case(name, "identity")) {
    throw std::invalid_argument("Client: a content coding cannot be named \"" + std::string(name) + "\"");
  }
}

ContentCodings codings_to_ask_for(const ContentCodings& added) {
  ContentCodings codings;
  for (const auto& coding : added) {
    const auto same = find(codings, coding->name());
    if (same != codings.end()) codings.erase(same);
    codings.push_back(coding);
  }
  if (find(codings, "gzip") == codings.end()) codings.push_back(ContentCoding::gzip());
  return codings;
}

ContentCodings codings_to_decode(ContentCodings asked_for) {
  // Some servers send it to whom asks for gzip.
  if (find(asked_for, "deflate") == asked_for.end()) asked_for.push_back(ContentCoding::deflate());
  return asked_for;
}

std::string accept_encoding(const ContentCodings& codings) {
  std::string field;
  for (const auto& coding : codings) {
    if (!field.empty()) field += ", ";
    field += coding->name();
  }
  return field;
}

std::optional<ResponseBody> decode(const Headers& headers, const ResponseBody& body, const ContentCodings& codings) {
  ContentCodings layers;  // in the order in which they were applied
  bool all_known = true;
  for (const std::string_view value : headers.values("Content-Encoding")) {
    for_each_list_element(value, [&](std::string_view name) {
      if (equals_ignore_case(name, "identity")) return;
      layers.push_back(coding_named(codings, name));
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
    auto source = std::make_unique<DecodingSource>(std::move(decoded), *layer, budget, is_next_to_wire);
    decoded = ResponseBody::create(std::move(source), body.content_type(), std::nullopt);
  }
  return decoded;
}

}  // namespace okhttp::internal
