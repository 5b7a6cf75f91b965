#include "http/url_problem.hpp"

#include <cstddef>

namespace okhttp::internal {

namespace {

std::string_view sentence(UrlProblem problem) {
  switch (problem) {
    case UrlProblem::none:
      return "URL is valid";
    case UrlProblem::too_long:
      return "URL is longer than 1 MiB";
    case UrlProblem::missing_scheme:
      return "URL has no scheme; expected http, https, ws or wss";
    case UrlProblem::unsupported_scheme:
      return "URL has a scheme other than http, https, ws or wss";
    case UrlProblem::missing_host:
      return "URL has no host";
    case UrlProblem::forbidden_host_character:
      return "URL has a forbidden character in its host";
    case UrlProblem::invalid_domain:
      return "URL has an invalid international domain name as host";
    case UrlProblem::invalid_ipv4:
      return "URL has an invalid IPv4 host";
    case UrlProblem::invalid_ipv6:
      return "URL has an invalid IPv6 host";
    case UrlProblem::invalid_port:
      return "URL has a port that is not a number from 0 to 65535";
  }
  return "URL is invalid";
}

}  // namespace

std::string describe(const UrlFailure& failure) {
  std::string message(sentence(failure.problem));
  if (!failure.detail.empty()) message += ": \"" + failure.detail + '"';
  return message;
}

std::string printable(std::string_view part) {
  constexpr std::size_t kMaxShown = 64;
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : part.substr(0, kMaxShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += "\\x";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  if (part.size() > kMaxShown) out += "...";
  return out;
}

}  // namespace okhttp::internal
