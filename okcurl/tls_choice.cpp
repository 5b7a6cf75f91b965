#include "okcurl/tls_choice.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "okcurl/exit_code.hpp"

namespace okcurl {
namespace {

using okhttp::ConnectionSpec;
using okhttp::TlsVersion;

/// The versions from the oldest that is wanted to the newest. Older ones than TLS 1.2 have to be asked for.
std::vector<TlsVersion> versions_of(const Options& options) {
  const TlsVersion newest = options.tls_max.value_or(TlsVersion::tls_1_3);
  const TlsVersion implied = newest < TlsVersion::tls_1_2 ? TlsVersion::tls_1_0 : TlsVersion::tls_1_2;
  const TlsVersion oldest = options.tls_min.value_or(implied);
  std::vector<TlsVersion> versions;
  for (const TlsVersion version :
       {TlsVersion::tls_1_0, TlsVersion::tls_1_1, TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
    if (version >= oldest && version <= newest) versions.push_back(version);
  }
  if (versions.empty()) {
    throw Failure(ExitCode::tls_handshake, "--tls-max " + std::string(to_string(newest)) + " is below " +
                                               std::string(to_string(oldest)) + ", which is the least that is wanted");
  }
  return versions;
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(':'), list.size());
    if (end > 0) names.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return names;
}

}  // namespace

std::vector<ConnectionSpec> connection_specs_of(const Options& options) {
  std::vector<TlsVersion> versions = versions_of(options);
  const bool is_old = versions.front() < TlsVersion::tls_1_2;
  ConnectionSpec::Builder tls(is_old ? ConnectionSpec::compatible_tls() : ConnectionSpec::modern_tls());
  tls.tls_versions(std::move(versions));
  try {
    if (options.ciphers.has_value()) tls.openssl_cipher_list(*options.ciphers);
    if (options.tls13_ciphers.has_value()) tls.tls13_cipher_suites(split(*options.tls13_ciphers));
    return {tls.build(), ConnectionSpec::cleartext()};
  } catch (const std::invalid_argument& refused) {
    throw Failure(ExitCode::ssl_cipher, "failed setting cipher list: " + std::string(refused.what()));
  }
}

}  // namespace okcurl
