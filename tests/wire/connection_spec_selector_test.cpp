#include "wire/connection_spec_selector.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "wire/tls_error.hpp"

namespace okhttp::internal {
namespace {

const TlsConfig kNoBounds;

ConnectionSpec only(TlsVersion version) {
  return ConnectionSpec::compatible_tls().new_builder().tls_versions({version}).build();
}

TEST(ConnectionSpecSelectorTest, SpecsInClearTextAreLeftOut) {
  const std::vector<ConnectionSpec> specs = {ConnectionSpec::cleartext(), ConnectionSpec::modern_tls(),
                                             ConnectionSpec::cleartext(), ConnectionSpec::compatible_tls()};
  const ConnectionSpecSelector selector(specs, kNoBounds);
  EXPECT_EQ(selector.next(0), 1U);
  EXPECT_EQ(selector.next(2), 3U);
  EXPECT_EQ(selector.next(4), std::nullopt);
  EXPECT_EQ(selector.first_or_modern(), ConnectionSpec::modern_tls());
}

TEST(ConnectionSpecSelectorTest, SpecsOutsideTheBoundsAreLeftOut) {
  const std::vector<ConnectionSpec> specs = {only(TlsVersion::tls_1_3), only(TlsVersion::tls_1_0),
                                             only(TlsVersion::tls_1_2)};
  const TlsConfig old = TlsConfig::Builder().max_version(TlsVersion::tls_1_2).build();
  EXPECT_EQ(ConnectionSpecSelector(specs, old).next(0), 1U);
  const TlsConfig middle =
      TlsConfig::Builder().min_version(TlsVersion::tls_1_1).max_version(TlsVersion::tls_1_2).build();
  EXPECT_EQ(ConnectionSpecSelector(specs, middle).next(0), 2U);
  const TlsConfig none = TlsConfig::Builder().min_version(TlsVersion::tls_1_1).max_version(TlsVersion::tls_1_1).build();
  EXPECT_EQ(ConnectionSpecSelector(specs, none).next(0), std::nullopt);
}

TEST(ConnectionSpecSelectorTest, AProxyIsSpokenToByTheModernSpecWhereThereIsNone) {
  const std::vector<ConnectionSpec> specs = {ConnectionSpec::cleartext()};
  EXPECT_EQ(ConnectionSpecSelector(specs, kNoBounds).first_or_modern(), ConnectionSpec::modern_tls());
}

TEST(ConnectionSpecSelectorTest, ADowngradeIsWhatOffersNoVersionAsNewAsOthers) {
  const std::vector<ConnectionSpec> specs = {ConnectionSpec::modern_tls(), ConnectionSpec::compatible_tls(),
                                             only(TlsVersion::tls_1_2), ConnectionSpec::cleartext()};
  const ConnectionSpecSelector selector(specs, kNoBounds);
  EXPECT_FALSE(selector.is_downgrade(0));
  EXPECT_FALSE(selector.is_downgrade(1)) << "it offers TLS 1.3, too";
  EXPECT_TRUE(selector.is_downgrade(2));
  const TlsConfig bound = TlsConfig::Builder().max_version(TlsVersion::tls_1_2).build();
  EXPECT_FALSE(ConnectionSpecSelector(specs, bound).is_downgrade(2)) << "nothing newer is ever offered";
}

// OkHttp's triggers: the failures of TLS itself, save those of certificates.
TEST(ConnectionSpecSelectorTest, AnotherSpecMayCureWhatTheTwoEndsCouldNotAgreeUpon) {
  const auto may_cure = [](TlsErrc code) {
    return ConnectionSpecSelector::may_cure(IoResult(IoStatus::failed, 0, make_error_code(code)));
  };
  EXPECT_TRUE(may_cure(TlsErrc::alert_received));
  EXPECT_TRUE(may_cure(TlsErrc::truncated));
  EXPECT_TRUE(may_cure(TlsErrc::failed));
  EXPECT_TRUE(ConnectionSpecSelector::may_cure(IoResult(IoStatus::end, 0)));
  EXPECT_FALSE(may_cure(TlsErrc::peer_unverified));
  EXPECT_FALSE(may_cure(TlsErrc::certificate_refused));
  EXPECT_FALSE(may_cure(TlsErrc::not_tls));
}

TEST(ConnectionSpecSelectorTest, NoSpecCuresTheNetworkNorTheEndOfACall) {
  const auto reset = std::make_error_code(std::errc::connection_reset);
  EXPECT_FALSE(ConnectionSpecSelector::may_cure(IoResult(IoStatus::failed, 0, reset)));
  EXPECT_FALSE(ConnectionSpecSelector::may_cure(IoResult(IoStatus::deadline, 0)));
  EXPECT_FALSE(ConnectionSpecSelector::may_cure(IoResult(IoStatus::canceled, 0)));
  EXPECT_FALSE(ConnectionSpecSelector::may_cure(IoResult(IoStatus::ok, 0)));
}

}  // namespace
}  // namespace okhttp::internal
