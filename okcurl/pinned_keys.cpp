#include "okcurl/pinned_keys.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include "okcurl/exit_code.hpp"

namespace okcurl {
namespace {

using okhttp::CertificatePinner;

constexpr std::string_view kHash = "sha256//";

std::string pin_in_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  try {
    return CertificatePinner::pin_of_public_key(content);
  } catch (const std::invalid_argument&) {
    throw Failure(ExitCode::pin_mismatch, "no public key to pin in '" + path + "'");
  }
}

}  // namespace

CertificatePinner pinner_of(const Options& options) {
  CertificatePinner::Builder pinner;
  if (!options.pinned_keys.has_value()) return pinner.build();
  std::string_view left = *options.pinned_keys;
  if (!left.starts_with(kHash)) return pinner.add("**", pin_in_file(*options.pinned_keys)).build();
  while (!left.empty()) {
    const std::string_view one = left.substr(0, left.find(';'));
    left.remove_prefix(std::min(left.size(), one.size() + 1));
    try {
      if (!one.starts_with(kHash)) throw std::invalid_argument("no hash");
      pinner.add("**", "sha256/" + std::string(one.substr(kHash.size())));
    } catch (const std::invalid_argument&) {
      throw Failure(ExitCode::usage, "option --pinnedpubkey: '" + std::string(one) + "' is not sha256// and a hash");
    }
  }
  return pinner.build();
}

}  // namespace okcurl
