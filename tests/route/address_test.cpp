#include "route/address.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "codec/http1/http1_connection_codec.hpp"
#include "connection/connection_store.hpp"
#include "support/manual_engine.hpp"
#include "support/memory_stream.hpp"

namespace okhttp::internal {
namespace {

class NoDns final : public Dns {
 public:
  std::vector<IpAddress> lookup(const std::string&) override { return {}; }
};

class AnyHost final : public HostnameVerifier {
 public:
  bool verify(const std::string&, const Handshake&) override { return true; }
};

// Only compared, never parsed.
const std::string kCertificate = "-----BEGIN CERTIFICATE-----\n";
// The modern suites, at a security level that is one lower.
const std::string kModernAtLevel1 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-SHA:"
    "ECDHE-RSA-AES256-SHA:AES128-GCM-SHA256:AES256-GCM-SHA384:@SECLEVEL=1";
const std::string kKey = "-----BEGIN PRIVATE KEY-----\n";

const std::string kPin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const std::string kOtherPin = "sha256/BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// All that a reuse key is made of, to be changed one by one.
struct Key {
  std::string url = "https://a.example/";
  std::shared_ptr<Dns> dns;
  std::vector<Protocol> protocols = {Protocol::http_1_1};
  std::optional<Proxy> proxy;
  CertificatePinner pinner = CertificatePinner::Builder().add("a.example", kPin).build();
  std::shared_ptr<ProxySelector> proxy_selector = ProxySelector::none();
  std::shared_ptr<Authenticator> proxy_authenticator = Authenticator::none();
  std::shared_ptr<AddressPolicy> address_policy;
  SocketSettings sockets;
  std::vector<ConnectionSpec> specs = {ConnectionSpec::modern_tls(), ConnectionSpec::cleartext()};
  std::shared_ptr<HostnameVerifier> hostname_verifier = HostnameVerifier::default_rules();
  std::shared_ptr<const std::function<bool(const std::string&)>> cleartext_policy;
  std::function<void(TlsConfig::Builder&)> tls = [](TlsConfig::Builder&) {};

  [[nodiscard]] Address in(AddressBook& book) const {
    TlsConfig::Builder builder;
    builder.trust_certificates(kCertificate + "A");
    builder.trust_directory("/a");
    builder.client_certificate(kCertificate + "C", kKey + "K", "password");
    builder.add_insecure_host("one.example");
    tls(builder);
    ConnectionIdentity who(dns, protocols, builder.build());
    who.proxy = proxy;
    who.pinner = pinner;
    who.proxy_selector = proxy_selector;
    who.proxy_authenticator = proxy_authenticator;
    who.address_policy = address_policy;
    who.sockets = sockets;
    who.specs = specs;
    who.hostname_verifier = hostname_verifier;
    who.cleartext_policy = cleartext_policy;
    const auto identity = book.intern(std::move(who));
    return book.find(Url::parse(url), identity);
  }
};

struct Change {
  const char* what;
  std::function<void(Key&)> apply;
};

Change tls_change(const char* what, std::function<void(TlsConfig::Builder&)> change) {
  return Change{what, [change = std::move(change)](Key& key) { key.tls = change; }};
}

Change proxy_change(const char* what, const char* proxy) {
  return Change{what, [proxy](Key& key) { key.proxy = Proxy::parse(proxy); }};
}

Change spec_change(const char* what, std::vector<ConnectionSpec> specs) {
  return Change{what, [specs = std::move(specs)](Key& key) { key.specs = specs; }};
}

std::vector<Change> changes() {
  const ConnectionSpec modern = ConnectionSpec::modern_tls();
  const ConnectionSpec clear = ConnectionSpec::cleartext();
  const auto verifier = std::make_shared<AnyHost>();
  const auto clear_policy =
      std::make_shared<const std::function<bool(const std::string&)>>([](const std::string&) { return true; });
  using Builder = TlsConfig::Builder;
  const auto authenticator = Authenticator::basic("a", "b");
  const auto selector = ProxySelector::fixed(Proxy::direct());
  const auto options = std::make_shared<const std::function<void(int)>>([](int) {});
  return {
      {"host", [](Key& key) { key.url = "https://b.example/"; }},
      {"a host below", [](Key& key) { key.url = "https://x.a.example/"; }},
      {"a trailing dot", [](Key& key) { key.url = "https://a.example./"; }},
      {"port", [](Key& key) { key.url = "https://a.example:444/"; }},
      {"TLS", [](Key& key) { key.url = "http://a.example:443/"; }},
      {"resolver", [](Key& key) { key.dns = std::make_shared<NoDns>(); }},
      {"protocols",
       [](Key& key) {
         key.protocols = {Protocol::http_1_0, Protocol::http_1_1};
       }},
      {"the order of protocols",
       [](Key& key) {
         key.protocols = {Protocol::http_1_1, Protocol::http_1_0};
       }},
      {"no proxy", [](Key& key) { key.proxy = Proxy::direct(); }},
      proxy_change("a proxy", "http://a:b@proxy.example:3128"),
      proxy_change("kind of proxy", "https://a:b@proxy.example:3128"),
      proxy_change("another kind of proxy", "socks5h://a:b@proxy.example:3128"),
      proxy_change("who resolves names", "socks5://a:b@proxy.example:3128"),
      proxy_change("host of the proxy", "http://a:b@other.example:3128"),
      proxy_change("port of the proxy", "http://a:b@proxy.example:3129"),
      proxy_change("user at the proxy", "http://c:b@proxy.example:3128"),
      proxy_change("password at the proxy", "http://a:c@proxy.example:3128"),
      proxy_change("nobody at the proxy", "http://proxy.example:3128"),
      {"no pins", [](Key& key) { key.pinner = CertificatePinner(); }},
      {"another pin", [](Key& key) { key.pinner = CertificatePinner::Builder().add("a.example", kOtherPin).build(); }},
      {"a further pin", [](Key& key) { key.pinner = key.pinner.new_builder().add("a.example", kOtherPin).build(); }},
      {"whom a pin is for",
       [](Key& key) { key.pinner = CertificatePinner::Builder().add("*.a.example", kPin).build(); }},
      {"proxy authenticator", [authenticator](Key& key) { key.proxy_authenticator = authenticator; }},
      {"proxy selector", [selector](Key& key) { key.proxy_selector = selector; }},
      {"address policy", [](Key& key) { key.address_policy = AddressPolicy::public_only(); }},
      {"local address", [](Key& key) { key.sockets.local_address = IpAddress::loopback_v4(); }},
      {"another local address",
       [](Key& key) {
         key.sockets.local_address = IpAddress::v4({127, 0, 0, 2});
       }},
      {"local interface", [](Key& key) { key.sockets.local_interface = "lo"; }},
      {"Unix path", [](Key& key) { key.sockets.unix_path = "/run/a.sock"; }},
      {"socket options", [options](Key& key) { key.sockets.configure = options; }},
      spec_change("no clear text", {modern}),
      spec_change("the order of specs", {clear, modern}),
      spec_change("a stricter spec", {ConnectionSpec::restricted_tls(), clear}),
      spec_change("a weaker spec", {ConnectionSpec::compatible_tls(), clear}),
      spec_change("a fallback", {modern, ConnectionSpec::compatible_tls(), clear}),
      spec_change("versions of a spec", {modern.new_builder().tls_versions({TlsVersion::tls_1_3}).build(), clear}),
      spec_change("suites of a spec",
                  {modern.new_builder().cipher_suites({"TLS_RSA_WITH_AES_128_GCM_SHA256"}).build(), clear}),
      spec_change("suites of TLS 1.3",
                  {modern.new_builder().tls13_cipher_suites({"TLS_AES_256_GCM_SHA384"}).build(), clear}),
      spec_change("extensions", {modern.new_builder().supports_tls_extensions(false).build(), clear}),
      spec_change("security level", {modern.new_builder().openssl_cipher_list(kModernAtLevel1).build(), clear}),
      {"host name verifier", [verifier](Key& key) { key.hostname_verifier = verifier; }},
      {"policy for clear text", [clear_policy](Key& key) { key.cleartext_policy = clear_policy; }},
      tls_change("system trust", [](Builder& tls) { tls.system_trust(false); }),
      tls_change("trusted certificates", [](Builder& tls) { tls.trust_certificates(kCertificate + "B"); }),
      tls_change("trusted directories", [](Builder& tls) { tls.trust_directory("/b"); }),
      tls_change("client certificate",
                 [](Builder& tls) { tls.client_certificate(kCertificate + "D", kKey + "K", "password"); }),
      tls_change("client key",
                 [](Builder& tls) { tls.client_certificate(kCertificate + "C", kKey + "L", "password"); }),
      tls_change("key password", [](Builder& tls) { tls.client_certificate(kCertificate + "C", kKey + "K", "other"); }),
      tls_change("lowest version", [](Builder& tls) { tls.min_version(TlsVersion::tls_1_3); }),
      tls_change("highest version", [](Builder& tls) { tls.max_version(TlsVersion::tls_1_2); }),
      tls_change("insecure hosts", [](Builder& tls) { tls.add_insecure_host("two.example"); }),
      tls_change("verification", [](Builder& tls) { tls.insecure(); }),
      tls_change("verification of names", [](Builder& tls) { tls.verify_host_name(true); }),
  };
}

class AddressTest : public testing::Test {
 protected:
  [[nodiscard]] Key key() const {
    Key made;
    made.dns = dns_;
    return made;
  }
  std::shared_ptr<Dns> dns_ = std::make_shared<NoDns>();
};

TEST_F(AddressTest, EqualSettingsMadeTwiceAreOneAddress) {
  AddressBook book;
  const Address first = key().in(book);
  EXPECT_EQ(first, key().in(book));
  Key other_path = key();
  other_path.url = "https://user:secret@A.EXAMPLE:443/elsewhere?query#fragment";
  EXPECT_EQ(first, other_path.in(book));
  EXPECT_EQ(Address::Hash()(first), Address::Hash()(other_path.in(book)));
}

TEST_F(AddressTest, EveryFieldOfTheReuseKeyTellsAddressesApart) {
  AddressBook book;
  std::vector<std::pair<const char*, Address>> seen = {{"nothing", key().in(book)}};
  for (const Change& change : changes()) {
    Key changed = key();
    change.apply(changed);
    const Address address = changed.in(book);
    for (const auto& [what, other] : seen) EXPECT_FALSE(address == other) << change.what << " against " << what;
    EXPECT_EQ(address, changed.in(book)) << change.what;
    seen.emplace_back(change.what, address);
  }
}

TEST_F(AddressTest, AConnectionIsReusedForItsOwnAddressOnly) {
  for (const Change& change : changes()) {
    SCOPED_TRACE(change.what);
    Key changed = key();
    change.apply(changed);
    for (const bool swapped : {false, true}) {
      const auto store = std::make_shared<ConnectionStore>(5, std::chrono::minutes(5));
      const Address made_for = (swapped ? changed : key()).in(store->addresses());
      const Address asked_for = (swapped ? key() : changed).in(store->addresses());
      ManualEngine engine;
      auto codec = std::make_shared<Http1ConnectionCodec>(MemorySocket::make_pair().first, made_for.to_string());
      auto connection = std::make_shared<Connection>(Route(made_for, Endpoint(IpAddress::loopback_v4(), 443)),
                                                     std::move(codec), nullptr);
      store->add(connection, engine.time);
      store->release(std::move(connection), engine.time);
      EXPECT_EQ(store->acquire(asked_for, engine, false), nullptr);
      EXPECT_NE(store->acquire(made_for, engine, false), nullptr);
    }
  }
}

TEST_F(AddressTest, PrintsHostAndPort) {
  AddressBook book;
  EXPECT_EQ(key().in(book).to_string(), "a.example:443");
  Key v6 = key();
  v6.url = "http://[2001:DB8::1]/";
  EXPECT_EQ(v6.in(book).to_string(), "[2001:db8::1]:80");
}

TEST_F(AddressTest, AnAddressOutlivesItsBook) {
  std::optional<Address> kept;
  {
    AddressBook book;
    kept.emplace(key().in(book));
  }
  EXPECT_EQ(kept->host(), "a.example");
  EXPECT_EQ(kept->port(), 443);
  EXPECT_TRUE(kept->is_tls());
}

TEST_F(AddressTest, AddressesThatNobodyUsesAreForgotten) {
  AddressBook book;
  std::weak_ptr<Dns> resolver;
  {
    Key with_resolver = key();
    with_resolver.dns = std::make_shared<NoDns>();
    resolver = with_resolver.dns;
    (void)with_resolver.in(book);
  }
  EXPECT_FALSE(resolver.expired()) << "the book keeps what was asked for lately";
  const Address kept = key().in(book);
  const auto identity = book.intern(ConnectionIdentity(dns_, {Protocol::http_1_1}, TlsConfig()));
  for (int i = 0; i < 1'000; ++i) {
    (void)book.find(Url::parse("http://host" + std::to_string(i) + ".example/"), identity);
  }
  EXPECT_TRUE(resolver.expired());
  EXPECT_EQ(kept, key().in(book)) << "what is in use stays one value";
}

TEST_F(AddressTest, ManyThreadsGetTheSameAddresses) {
  AddressBook book;
  constexpr int kHosts = 600;  // more than the book keeps at first, so that it forgets meanwhile
  const auto work = [&](std::vector<std::optional<Address>>& found) {
    const auto identity = book.intern(ConnectionIdentity(dns_, {Protocol::http_1_1}, TlsConfig()));
    for (int i = 0; i < kHosts; ++i) {
      const Address address = book.find(Url::parse("http://host" + std::to_string(i) + ".example/"), identity);
      if (i % 3 == 0) found[static_cast<std::size_t>(i)] = address;
      EXPECT_EQ(address.host(), "host" + std::to_string(i) + ".example");
    }
  };
  std::vector<std::vector<std::optional<Address>>> found(4, std::vector<std::optional<Address>>(kHosts));
  std::vector<std::thread> threads;
  for (auto& of_thread : found) threads.emplace_back(work, std::ref(of_thread));
  for (std::thread& thread : threads) thread.join();
  for (const auto& of_thread : found) EXPECT_TRUE(of_thread == found[0]);
}

}  // namespace
}  // namespace okhttp::internal
