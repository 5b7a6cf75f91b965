#include "codec/http1/body_framing.hpp"

#include <cstddef>
#include <limits>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

constexpr std::uint64_t kMaxLength = std::numeric_limits<std::int64_t>::max();

// 1*DIGIT and nothing else: what one side reads as "+5" or "0x5" the other may read as something else.
std::optional<std::uint64_t> parse_digits(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (kMaxLength - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

enum class TransferCoding : std::uint8_t { absent, chunked, unframed, bad };

// RFC 9112 §6.1, §7. We never offer a TE field, so chunked is the one coding that a peer may apply.
TransferCoding transfer_coding(const Headers& headers) noexcept {
  std::size_t field = headers.find("Transfer-Encoding");
  if (field == headers.size()) return TransferCoding::absent;
  bool chunked = false;
  bool identity = false;
  bool bad = false;
  for (; field < headers.size(); field = headers.find("Transfer-Encoding", field + 1)) {
    for_each_list_element(headers.value(field), [&](std::string_view coding) {
      bad = bad || chunked;  // chunked twice, or something applied after it
      if (equals_ignore_case_inline(coding, "chunked")) {
        chunked = true;
      } else if (equals_ignore_case_inline(coding, "identity")) {
        identity = true;
      } else {
        bad = true;
      }
    });
  }
  if (bad || (!chunked && !identity)) return TransferCoding::bad;
  return chunked ? TransferCoding::chunked : TransferCoding::unframed;
}

BodyFraming failed(ParseErrc code, std::string message) {
  BodyFraming framing;
  framing.reusable = false;
  framing.error = ParseError(code, std::move(message));
  return framing;
}

BodyFraming bad_transfer_encoding() {
  return failed(ParseErrc::bad_transfer_encoding, "Transfer-Encoding is not understood; only chunked is");
}

// Two recipients may have seen this message end in different places, so nothing behind it is to be trusted.
bool is_ambiguous(const Headers& headers, Protocol protocol) noexcept {
  // RFC 9112 §6.3 case 3: Transfer-Encoding overrides Content-Length, and the connection must not be used again.
  // RFC 9112 §6.1: Transfer-Encoding in HTTP/1.0 means that the framing is faulty.
  return headers.contains("Transfer-Encoding") &&
         (protocol == Protocol::http_1_0 || headers.contains("Content-Length"));
}

BodyFraming framing_by_length(const Headers& headers, BodyFraming::Kind without) {
  ContentLength length = parse_content_length(headers);
  if (length.error.code != ParseErrc::none) {
    return failed(length.error.code, std::move(length.error.message));
  }
  BodyFraming framing;
  framing.kind = length.value ? BodyFraming::Kind::length : without;
  framing.length = length.value.value_or(0);
  framing.reusable = framing.kind != BodyFraming::Kind::until_close;
  return framing;
}

}  // namespace

ContentLength parse_content_length(const Headers& headers) {
  ContentLength result;
  constexpr std::string_view kName = "Content-Length";
  for (std::size_t field = headers.find(kName); field < headers.size(); field = headers.find(kName, field + 1)) {
    std::string_view rest = headers.value(field);
    while (true) {
      const std::size_t comma = rest.find(',');
      const auto number = parse_digits(trim_ows(rest.substr(0, comma)));
      if (!number) return {{}, {ParseErrc::bad_content_length, "Content-Length is not a number"}};
      if (result.value && *result.value != *number) {
        return {{}, {ParseErrc::bad_content_length, "Content-Length is given twice with different numbers"}};
      }
      result.value = number;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return result;
}

BodyFraming response_framing(std::string_view request_method, int status, const Headers& headers, Protocol protocol) {
  // RFC 9112 §6.3 cases 1 and 2: these end with their head, and after CONNECT the tunnel begins.
  const bool opens_tunnel = request_method == "CONNECT" && status / 100 == 2;
  if (opens_tunnel) return {};
  if (request_method == "HEAD" || status / 100 == 1 || status == 204 || status == 304) {
    BodyFraming framing;
    framing.reusable = !is_ambiguous(headers, protocol) && parse_content_length(headers).error.code == ParseErrc::none;
    return framing;
  }
  BodyFraming framing;
  switch (transfer_coding(headers)) {
    case TransferCoding::absent:
      return framing_by_length(headers, BodyFraming::Kind::until_close);
    case TransferCoding::chunked:
      framing.kind = BodyFraming::Kind::chunked;
      framing.reusable = !is_ambiguous(headers, protocol);
      return framing;
    case TransferCoding::unframed:
      // RFC 9112 §6.3 case 4: without chunked as the last coding the response lasts until the connection closes.
      framing.kind = BodyFraming::Kind::until_close;
      framing.reusable = false;
      return framing;
    case TransferCoding::bad:
      break;
  }
  return bad_transfer_encoding();
}

BodyFraming request_framing(const Headers& headers, Protocol protocol) {
  const TransferCoding coding = transfer_coding(headers);
  if (coding == TransferCoding::absent) return framing_by_length(headers, BodyFraming::Kind::none);
  // RFC 9112 §6.3 case 4: a request whose length cannot be told is refused.
  if (coding != TransferCoding::chunked) return bad_transfer_encoding();
  BodyFraming framing;
  framing.kind = BodyFraming::Kind::chunked;
  framing.reusable = !is_ambiguous(headers, protocol);
  return framing;
}

bool has_connection_option(const Headers& headers, std::string_view option) noexcept {
  constexpr std::string_view kName = "Connection";
  bool found = false;
  for (std::size_t field = headers.find(kName); field < headers.size(); field = headers.find(kName, field + 1)) {
    for_each_list_element(headers.value(field), [&](std::string_view element) {
      found = found || equals_ignore_case_inline(element, option);
    });
  }
  return found;
}

bool connection_persists(Protocol protocol, const Headers& headers) noexcept {
  if (has_connection_option(headers, "close")) return false;
  return protocol != Protocol::http_1_0 || has_connection_option(headers, "keep-alive");
}

std::optional<std::chrono::seconds> keep_alive_timeout(const Headers& headers) noexcept {
  constexpr std::string_view kName = "Keep-Alive";
  constexpr std::string_view kTimeout = "timeout";
  constexpr std::uint64_t kDay = 86400;  // more than anybody means, and far from overflow
  std::optional<std::chrono::seconds> timeout;
  for (std::size_t field = headers.find(kName); field < headers.size(); field = headers.find(kName, field + 1)) {
    for_each_list_element(headers.value(field), [&](std::string_view element) {
      const std::size_t equals = element.find('=');
      if (equals == std::string_view::npos) return;
      if (!equals_ignore_case_inline(trim_ows(element.substr(0, equals)), kTimeout)) return;
      const auto number = parse_digits(trim_ows(element.substr(equals + 1)));
      if (number) timeout = std::chrono::seconds(number < kDay ? *number : kDay);
    });
  }
  return timeout;
}

}  // namespace okhttp::internal
