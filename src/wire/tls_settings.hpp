#pragma once

#include <okhttp/tls_version.hpp>

#include <string>
#include <vector>

namespace okhttp::internal {

/// What a TlsConfig holds.
struct TlsSettings {
  bool system_trust = true;
  std::string trusted_certificates;
  std::vector<std::string> trusted_directories;
  std::string client_certificate;
  std::string client_key;
  std::string client_key_password;
  TlsVersion min_version = TlsVersion::tls_1_0;
  TlsVersion max_version = TlsVersion::tls_1_3;
  std::vector<std::string> insecure_hosts;
  bool insecure = false;
  bool verify_host_name = false;  // of hosts whose certificate is not verified

  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

}  // namespace okhttp::internal
