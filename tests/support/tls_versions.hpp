#pragma once

#include <okhttp/tls_version.hpp>

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "support/call_styles.hpp"

namespace okhttp {

/// A TLS version and a way to run a call, as ProtocolTest<VersionAndStyle> takes them.
using VersionAndStyle = std::tuple<TlsVersion, CallStyle>;

inline std::string name_of(TlsVersion version) { return version == TlsVersion::tls_1_2 ? "tls_1_2" : "tls_1_3"; }

inline auto versions_and_styles() {
  return ::testing::Combine(::testing::Values(TlsVersion::tls_1_2, TlsVersion::tls_1_3), both_call_styles());
}

}  // namespace okhttp
