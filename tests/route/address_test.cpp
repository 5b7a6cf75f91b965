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

// Only compared, never parsed.
const std::string kCertificate = "-----BEGIN CERTIFICATE-----\n";
const std::string kKey = "-----BEGIN PRIVATE KEY-----\n";

/// All that a reuse key is made of, to be changed one by one.
struct Key {
  std::string url = "https://a.example/";
  std::shared_ptr<Dns> dns;
  std::vector<Protocol> protocols = {Protocol::http_1_1};
  std::function<void(TlsConfig::Builder&)> tls = [](TlsConfig::Builder&) {};

  [[nodiscard]] Address in(AddressBook& book) const {
    TlsConfig::Builder builder;
    builder.trust_certificates(kCertificate + "A");
    builder.trust_directory("/a");
    builder.client_certificate(kCertificate + "C", kKey + "K", "password");
    builder.add_insecure_host("one.example");
    tls(builder);
    const auto identity = book.intern(ConnectionIdentity(dns, protocols, builder.build()));
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

std::vector<Change> changes() {
  using Builder = TlsConfig::Builder;
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
