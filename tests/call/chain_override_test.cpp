// Settings of a client that an interceptor replaces for one call.

#include <okhttp/address_policy.hpp>
#include <okhttp/authenticator.hpp>
#include <okhttp/certificate_pinner.hpp>
#include <okhttp/client.hpp>
#include <okhttp/connection_spec.hpp>
#include <okhttp/cookie_jar.hpp>
#include <okhttp/hostname_verifier.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/proxy.hpp>
#include <okhttp/tls.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/call_styles.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

using Override = std::function<void(Chain&)>;

/// Permits every address, or none.
class Permits final : public AddressPolicy {
 public:
  explicit Permits(bool all) : all_(all) {}
  bool permits(const std::string&, const Endpoint&) override { return all_; }

 private:
  const bool all_;
};

/// Finds every name on this machine.
class DnsOfThisMachine final : public Dns {
 public:
  std::vector<IpAddress> lookup(const std::string&) override { return {IpAddress::v4({127, 0, 0, 1})}; }
};

struct NamedOverride {
  std::string name;
  Override set;
};

/// Those that a connection to an IP address in clear text does not mind, although it is another one.
std::vector<NamedOverride> harmless_overrides() {
  const auto dns = std::make_shared<DnsOfThisMachine>();
  return {
      {"set_dns", [dns](Chain& chain) { chain.set_dns(dns); }},
      {"set_proxy", [](Chain& chain) { chain.set_proxy(Proxy::direct()); }},
      {"set_proxy_selector", [](Chain& chain) { chain.set_proxy_selector(ProxySelector::none()); }},
      {"set_proxy_authenticator",
       [other = Authenticator::basic("user", "password")](Chain& chain) { chain.set_proxy_authenticator(other); }},
      {"set_address_policy", [](Chain& chain) { chain.set_address_policy(std::make_shared<Permits>(true)); }},
      {"set_local_address",
       [](Chain& chain) {
         chain.set_local_address(IpAddress::v4({127, 0, 0, 1}));
       }},
      {"set_local_interface", [](Chain& chain) { chain.set_local_interface("lo"); }},
      {"set_socket_options", [](Chain& chain) { chain.set_socket_options([](int) {}); }},
      {"set_handshake_certificates",
       [](Chain& chain) { chain.set_handshake_certificates(TlsConfig::Builder().insecure().build()); }},
      {"set_connection_specs", [](Chain& chain) { chain.set_connection_specs({ConnectionSpec::cleartext()}); }},
      {"set_cleartext_policy", [](Chain& chain) { chain.set_cleartext_policy([](const auto&) { return true; }); }},
      {"set_certificate_pinner",
       [](Chain& chain) {
         chain.set_certificate_pinner(CertificatePinner::Builder()
                                          .add("other.example", "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
                                          .build());
       }},
      {"set_connection_pool", [](Chain& chain) { chain.set_connection_pool(ConnectionPool()); }},
  };
}

/// Those that change nothing of a connection.
std::vector<NamedOverride> other_overrides() {
  return {
      {"set_connect_timeout", [](Chain& chain) { chain.set_connect_timeout(std::chrono::seconds(5)); }},
      {"set_unix_socket", [](Chain& chain) { chain.set_unix_socket("/nowhere"); }},
      {"set_hostname_verifier", [](Chain& chain) { chain.set_hostname_verifier(HostnameVerifier::default_rules()); }},
      {"set_fast_fallback", [](Chain& chain) { chain.set_fast_fallback(false); }},
      {"set_authenticator", [](Chain& chain) { chain.set_authenticator(Authenticator::basic("user", "password")); }},
      {"set_cookie_jar", [](Chain& chain) { chain.set_cookie_jar(CookieJar::none()); }},
      {"set_cache", [](Chain& chain) { chain.set_cache(std::nullopt); }},
      {"set_follow_redirects", [](Chain& chain) { chain.set_follow_redirects(false); }},
      {"set_follow_ssl_redirects", [](Chain& chain) { chain.set_follow_ssl_redirects(false); }},
      {"set_retry_on_connection_failure", [](Chain& chain) { chain.set_retry_on_connection_failure(false); }},
      {"set_sensitive_headers", [](Chain& chain) { chain.set_sensitive_headers({}); }},
  };
}

class ChainOverride : public ProtocolTest<CallStyle> {
 protected:
  ChainOverride() {
    server_.set_dispatcher([](const RecordedRequest& request) {
      if (request.target() != "/moved") return MockResponse(request.target());
      return MockResponse::Builder().code(302).set_header("Location", "/there").build();
    });
  }

  /// A client that does `set` in calls whose request says so.
  [[nodiscard]] Client client(Override set) const {
    return builder()
        .add_interceptor([set = std::move(set)](Chain& chain) -> Task<Response> {
          if (chain.request().headers().contains("Override")) set(chain);
          Task<Response> proceeding = chain.proceed(chain.request());
          co_return co_await std::move(proceeding);
        })
        .build();
  }
  /// "200 /", or what went wrong.
  std::string get(const Client& client, const Url& url, bool with_override) {
    Request::Builder request = Request::get(url).new_builder();
    if (with_override) request.header("Override", "yes");
    try {
      const Response response = run(how(), client.new_call(request.build()));
      return std::to_string(response.code()) + " " + response.body().string();
    } catch (const Error& error) {
      return std::string(to_string(error.errc()));
    }
  }
  /// The outcomes of a call with the override, and then of one without.
  std::string with_and_without(const Override& set, const Url& url) {
    const Client asks = client(set);
    const std::string with = get(asks, url, true);
    return with + ", " + get(asks, url, false);
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, ChainOverride, over_both_protocols(both_call_styles()), ParameterName());

TEST_P(ChainOverride, ThatChangesWhatAConnectionIsHasAConnectionOfItsOwn) {
  std::size_t connections = 0;
  for (const NamedOverride& one : harmless_overrides()) {
    const Client asks = client(one.set);
    EXPECT_EQ(get(asks, server_.url("/a"), false), "200 /a");
    EXPECT_EQ(server_.connection_count(), connections + 1) << one.name;
    EXPECT_EQ(get(asks, server_.url("/b"), true), "200 /b") << one.name;
    EXPECT_EQ(server_.connection_count(), connections + 2) << one.name;
    EXPECT_EQ(get(asks, server_.url("/c"), false), "200 /c") << one.name;
    EXPECT_EQ(server_.connection_count(), connections + 2) << one.name;
    connections += 2;
  }
}

TEST_P(ChainOverride, IsRefusedByNameInANetworkInterceptor) {
  std::vector<NamedOverride> all = harmless_overrides();
  for (NamedOverride& one : other_overrides()) all.push_back(std::move(one));
  for (const NamedOverride& one : all) {
    const Client asks = builder()
                            .add_network_interceptor([set = one.set](Chain& chain) -> Task<Response> {
                              set(chain);
                              Task<Response> proceeding = chain.proceed(chain.request());
                              co_return co_await std::move(proceeding);
                            })
                            .build();
    try {
      (void)run(how(), asks.new_call(Request::get(server_.url("/"))));
      ADD_FAILURE() << one.name;
    } catch (const std::logic_error& error) {
      EXPECT_EQ(std::string(error.what()).find(one.name + "() comes too late"), 0U) << error.what();
    }
  }
}

TEST_P(ChainOverride, ResolvesNamesElsewhere) {
  const Url url = server_.url("/").new_builder().host("nowhere.invalid").build();
  const auto dns = std::make_shared<DnsOfThisMachine>();
  const Client asks = client([dns](Chain& chain) {
    chain.set_dns(dns);
    chain.set_proxy(Proxy::direct());
  });
  EXPECT_EQ(get(asks, url, true), "200 /");
  EXPECT_EQ(get(asks, url, false), "unknown_host");
}

TEST_P(ChainOverride, SharesItsConnectionWithCallsThatHaveTheSame) {
  const auto dns = std::make_shared<DnsOfThisMachine>();
  const Client asks = client([dns](Chain& chain) { chain.set_dns(dns); });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get(asks, server_.url("/"), true), "200 /");
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_P(ChainOverride, RefusesAddresses) {
  const auto none = std::make_shared<Permits>(false);
  EXPECT_EQ(with_and_without([none](Chain& chain) { chain.set_address_policy(none); }, server_.url("/")),
            "address_refused, 200 /");
}

TEST_P(ChainOverride, RefusesClearText) {
  EXPECT_EQ(with_and_without([](Chain& chain) { chain.set_connection_specs({ConnectionSpec::modern_tls()}); },
                             server_.url("/")),
            "cleartext_not_permitted, 200 /");
  const auto policy = [](Chain& chain) { chain.set_cleartext_policy([](const auto&) { return false; }); };
  EXPECT_EQ(with_and_without(policy, server_.url("/")), "cleartext_not_permitted, 200 /");
}

TEST_P(ChainOverride, LeavesRedirectsToTheCaller) {
  EXPECT_EQ(with_and_without([](Chain& chain) { chain.set_follow_redirects(false); }, server_.url("/moved")),
            "302 , 200 /there");
}

TEST_P(ChainOverride, AnswersChallenges) {
  server_.set_dispatcher([](const RecordedRequest& request) {
    if (request.headers().contains("Authorization")) return MockResponse(request.target());
    return MockResponse(401, Headers::of({{"WWW-Authenticate", "Basic realm=\"x\""}}));
  });
  EXPECT_EQ(with_and_without([](Chain& chain) { chain.set_authenticator(Authenticator::basic("user", "password")); },
                             server_.url("/a")),
            "200 /a, 401 ");
  // What it shows is nothing of the connection's.
  EXPECT_EQ(server_.connection_count(), 1U);
}

TEST_P(ChainOverride, SetsOptionsOnTheSocketsOfItsCallAlone) {
  const auto called = std::make_shared<int>(0);
  const auto count = [called](Chain& chain) { chain.set_socket_options([called](int) { ++*called; }); };
  EXPECT_EQ(with_and_without(count, server_.url("/")), "200 /, 200 /");
  EXPECT_EQ(*called, 1);
}

TEST_P(ChainOverride, LeavesAConnectionInThePoolThatItTookItFrom) {
  const ConnectionPool other;
  const Client asks = client([other](Chain& chain) { chain.set_connection_pool(other); });
  EXPECT_EQ(get(asks, server_.url("/"), true), "200 /");
  EXPECT_EQ(other.connection_count(), 1U);
  EXPECT_EQ(asks.connection_pool().connection_count(), 0U);
}

TEST_P(ChainOverride, BetweenTwoProceedsHoldsForTheSecond) {
  const ConnectionPool other;
  const Client asks = builder()
                          .add_interceptor([other](Chain& chain) -> Task<Response> {
                            Task<Response> first = chain.proceed(chain.request());
                            Response response = co_await std::move(first);
                            response.body().close();
                            chain.set_connection_pool(other);
                            chain.set_follow_redirects(false);
                            Task<Response> second = chain.proceed(chain.request());
                            co_return co_await std::move(second);
                          })
                          .build();
  EXPECT_EQ(get(asks, server_.url("/moved"), false), "302 ");
  EXPECT_EQ(asks.connection_pool().connection_count(), 1U);
  EXPECT_EQ(other.connection_count(), 1U);
  EXPECT_EQ(server_.request_count(), 3U);
}

TEST_P(ChainOverride, RefusesWhatTheClientWouldRefuse) {
  const auto refused = [&](const Override& set) {
    EXPECT_THROW((void)get(client(set), server_.url("/"), true), std::invalid_argument);
  };
  refused([](Chain& chain) { chain.set_dns(nullptr); });
  refused([](Chain& chain) { chain.set_proxy_selector(nullptr); });
  refused([](Chain& chain) { chain.set_proxy_authenticator(nullptr); });
  refused([](Chain& chain) { chain.set_authenticator(nullptr); });
  refused([](Chain& chain) { chain.set_cookie_jar(nullptr); });
  refused([](Chain& chain) { chain.set_hostname_verifier(nullptr); });
  refused([](Chain& chain) { chain.set_connection_specs({}); });
  refused([](Chain& chain) { chain.set_unix_socket(std::string(200, 'x')); });
  refused([](Chain& chain) {
    chain.set_proxy(Proxy(Proxy::Type::http, "proxy.example", 8080));
    chain.set_unix_socket("/nowhere");
  });
}

class ChainOverrideOverTls : public ChainOverride {
 protected:
  ChainOverrideOverTls() {
    server_.use_https(HeldCertificate::Builder().add_subject_alternative_name("localhost").signed_by(root_).build());
  }
  const HeldCertificate root_ = HeldCertificate::Builder().certificate_authority(0).build();
  const TlsConfig trusting_ = TlsConfig::Builder().trust_certificates(root_.certificate_pem()).build();
};

INSTANTIATE_TEST_SUITE_P(Protocols, ChainOverrideOverTls, over_both_protocols_by_alpn(both_call_styles()),
                         ParameterName());

TEST_P(ChainOverrideOverTls, TrustsForOneCall) {
  EXPECT_EQ(
      with_and_without([tls = trusting_](Chain& chain) { chain.set_handshake_certificates(tls); }, server_.url("/")),
      "200 /, peer_unverified");
}

TEST_P(ChainOverrideOverTls, PinsForOneCall) {
  const auto pinner =
      CertificatePinner::Builder().add("localhost", "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").build();
  const Client asks =
      client([pinner](Chain& chain) { chain.set_certificate_pinner(pinner); }).new_builder().tls(trusting_).build();
  EXPECT_EQ(get(asks, server_.url("/"), false), "200 /");
  EXPECT_EQ(get(asks, server_.url("/"), true), "pin_mismatch");
}

}  // namespace
}  // namespace okhttp
