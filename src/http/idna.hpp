#pragma once

#include <string>
#include <string_view>

namespace okhttp::internal {

/// Appends the ASCII form of a domain that holds non-ASCII characters: UTS #46 ToASCII, non-transitional, without STD3
/// rules and hyphen checks, as the URL Standard's "domain to ASCII" asks. Returns false if the domain is invalid; `out`
/// is then of no use. The result may hold characters that no host may have; the caller checks for those.
///
/// Stricter than the standard in one way, libidn2's: characters that IDNA2008 disallows though UTS #46 does not, and
/// labels whose Punycode exceeds 63 bytes, are refused. Emoji and other pictographs are the exception: they pass in
/// labels that are ASCII otherwise, because such domains exist.
[[nodiscard]] bool append_domain_to_ascii(std::string& out, std::string_view domain);

}  // namespace okhttp::internal
