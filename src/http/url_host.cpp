#include "http/url_host.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "http/idna.hpp"
#include "http/percent_encoding.hpp"
#include "http/url_ip.hpp"

namespace okhttp::internal {

namespace {

/// What a byte asks for when it is met in a domain; no bit: it stands there as it is.
enum Trait : std::uint8_t { upper_case = 1, percent = 2, non_ascii = 4, forbidden = 8 };

constexpr std::array<std::uint8_t, 256> make_traits() {
  std::array<std::uint8_t, 256> traits{};
  for (std::size_t c = 0; c < traits.size(); ++c) {
    if (c <= 0x20 || c == 0x7f) traits[c] = forbidden;
    if (c >= 0x80) traits[c] = non_ascii;
    if (c >= 'A' && c <= 'Z') traits[c] = upper_case;
  }
  // https://url.spec.whatwg.org/#forbidden-domain-code-point
  for (const char c : std::string_view("#/:<>?@[\\]^|")) traits[static_cast<unsigned char>(c)] = forbidden;
  traits['%'] = percent;
  return traits;
}

constexpr std::array<std::uint8_t, 256> kTraits = make_traits();

unsigned traits_of(std::string_view text) {
  unsigned all = 0;
  for (const char c : text) all |= kTraits[static_cast<unsigned char>(c)];
  return all;
}

HostResult failed(UrlProblem problem) { return {problem, HostKind::domain}; }

HostResult append_bracketed(std::string& out, std::string_view text) {
  if (text.size() < 2 || text.back() != ']') return failed(UrlProblem::invalid_ipv6);
  const auto pieces = parse_ipv6(text.substr(1, text.size() - 2));
  if (!pieces) return failed(UrlProblem::invalid_ipv6);
  out += '[';
  append_ipv6(out, *pieces);
  out += ']';
  return {UrlProblem::none, HostKind::ipv6};
}

/// Takes what is decoded, mapped and in lower case.
HostResult append_ascii(std::string& out, std::string_view domain) {
  if (domain.empty()) return failed(UrlProblem::missing_host);
  if (!ends_in_number(domain)) {
    out += domain;
    return {UrlProblem::none, HostKind::domain};
  }
  const auto address = parse_ipv4_forms(domain);
  if (!address) return failed(UrlProblem::invalid_ipv4);
  append_ipv4(out, *address);
  return {UrlProblem::none, HostKind::ipv4};
}

void to_lower(std::string& text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
}

}  // namespace

HostResult append_host(std::string& out, std::string_view text) {
  if (text.starts_with('[')) return append_bracketed(out, text);
  const unsigned traits = traits_of(text);
  if ((traits & forbidden) != 0) return failed(UrlProblem::forbidden_host_character);
  if (traits == 0) return append_ascii(out, text);

  std::string domain = (traits & percent) != 0 ? percent_decode(text) : std::string(text);
  if ((traits_of(domain) & non_ascii) != 0) {
    std::string mapped;
    if (!append_domain_to_ascii(mapped, domain)) return failed(UrlProblem::invalid_domain);
    domain.swap(mapped);
  } else {
    // An ASCII domain is only lower-cased; "xn--" labels are taken at their word.
    // https://url.spec.whatwg.org/#concept-domain-to-ascii
    to_lower(domain);
  }
  // Decoding and mapping can both bring forth what must not be in a host: "%2f", or the U+2100 that maps to "a/c".
  if ((traits_of(domain) & (forbidden | percent)) != 0) return failed(UrlProblem::forbidden_host_character);
  return append_ascii(out, domain);
}

}  // namespace okhttp::internal
