// A connection carries requests for another host only under every one of these conditions (RFC 9113 §9.1.1): else
// whoever has a certificate for one name, or the place of one server, would get what is meant for another.

#include "connection/coalescing.hpp"

#include <okhttp/address_policy.hpp>
#include <okhttp/certificate_pinner.hpp>
#include <okhttp/client.hpp>
#include <okhttp/handshake.hpp>
#include <okhttp/hostname_verifier.hpp>
#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/tls.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "connection/connection_store.hpp"
#include "connection/exchange.hpp"
#include "connection/transmission.hpp"
#include "runtime/call_context.hpp"
#include "support/fake_connection_codec.hpp"
#include "support/manual_engine.hpp"

namespace okhttp::internal {
namespace {

using namespace std::chrono_literals;

const IpAddress kServer = IpAddress::v4({192, 0, 2, 1});
const IpAddress kElsewhere = IpAddress::v4({192, 0, 2, 2});

class Coalescing : public testing::Test {
 protected:
  [[nodiscard]] std::shared_ptr<const ConnectionIdentity> identity(TlsConfig tls = TlsConfig()) {
    return store_->addresses().intern(
        ConnectionIdentity(Dns::system(), {Protocol::http_2, Protocol::http_1_1}, std::move(tls)));
  }
  [[nodiscard]] Address address(const std::string& url, TlsConfig tls = TlsConfig()) {
    return store_->addresses().find(Url::parse(url), identity(std::move(tls)));
  }
  [[nodiscard]] static HeldCertificate::Builder certificate_for(const std::string& name) {
    return HeldCertificate::Builder().add_subject_alternative_name(name);
  }

  /// A connection to `own`, whose peer showed `shown`.
  std::shared_ptr<Connection> connect(const Address& own, const HeldCertificate& shown,
                                      Protocol protocol = Protocol::http_2) {
    std::shared_ptr<ConnectionCodec> codec;
    if (protocol == Protocol::http_1_1) {
      codec = std::make_shared<Http1ConnectionCodec>(MemorySocket::make_pair().first, own.to_string());
    } else {
      codec = fake_ = std::make_shared<FakeConnectionCodec>(MemorySocket::make_pair().first, protocol);
    }
    std::vector<Certificate> chain{Certificate::from_pem(shown.certificate_pem()).value()};
    auto handshake = std::make_shared<const Handshake>(TlsVersion::tls_1_3, "TLS_AES_128_GCM_SHA256", std::move(chain),
                                                       std::vector<Certificate>());
    auto connection = std::make_shared<Connection>(Route(own, Endpoint(kServer, own.port())), std::move(codec),
                                                   own.is_tls() ? std::move(handshake) : nullptr);
    return connection;
  }
  std::shared_ptr<Connection> connect_to_a() { return connect(address("https://a.example/"), both_); }
  [[nodiscard]] static std::vector<Route> routes(const Address& to, const IpAddress& ip = kServer) {
    return {Route(to, Endpoint(kElsewhere, to.port())), Route(to, Endpoint(ip, to.port()))};
  }
  [[nodiscard]] static bool may(const std::shared_ptr<Connection>& connection, const Address& to) {
    return may_coalesce(*connection, to, routes(to));
  }

  const HeldCertificate both_ = certificate_for("a.example")
                                    .add_subject_alternative_name("b.example")
                                    .add_subject_alternative_name("192.0.2.1")
                                    .build();
  ManualEngine engine_;
  std::shared_ptr<ConnectionStore> store_ = std::make_shared<ConnectionStore>(5, 5min);
  std::shared_ptr<FakeConnectionCodec> fake_;  // made last
};

TEST_F(Coalescing, ACoveredHostAtTheSamePlaceIsServed) {
  EXPECT_TRUE(may(connect_to_a(), address("https://b.example/")));
  const HeldCertificate wildcard = certificate_for("*.x.example").build();
  EXPECT_TRUE(may(connect(address("https://a.x.example/"), wildcard), address("https://b.x.example/")));
}

TEST_F(Coalescing, NotOverHttp1) {
  EXPECT_FALSE(may(connect(address("https://a.example/"), both_, Protocol::http_1_1), address("https://b.example/")));
}

TEST_F(Coalescing, NotInClearText) {
  const auto clear = connect(address("http://a.example/"), both_, Protocol::h2_prior_knowledge);
  EXPECT_FALSE(may(clear, address("http://b.example/")));
  EXPECT_FALSE(may(clear, address("https://b.example:80/")));
  EXPECT_FALSE(may(connect_to_a(), address("http://b.example:443/")));
}

TEST_F(Coalescing, NotForAnotherPort) { EXPECT_FALSE(may(connect_to_a(), address("https://b.example:8443/"))); }

TEST_F(Coalescing, NotForAHostAtAnotherAddress) {
  const Address b = address("https://b.example/");
  EXPECT_FALSE(may_coalesce(*connect_to_a(), b, {Route(b, Endpoint(kElsewhere, 443))}));
  EXPECT_FALSE(may_coalesce(*connect_to_a(), b, {}));
}

TEST_F(Coalescing, NotForAHostThatTheCertificateDoesNotCover) {
  EXPECT_FALSE(may(connect_to_a(), address("https://c.example/")));
  EXPECT_FALSE(may(connect_to_a(), address("https://x.b.example/")));
  EXPECT_FALSE(may(connect_to_a(), address("https://b.example.evil/")));
  const HeldCertificate wildcard = certificate_for("a.example").add_subject_alternative_name("*.b.example").build();
  const auto connection = connect(address("https://a.example/"), wildcard);
  EXPECT_TRUE(may(connection, address("https://x.b.example/")));
  EXPECT_FALSE(may(connection, address("https://b.example/")));
  EXPECT_FALSE(may(connection, address("https://x.y.b.example/")));
}

TEST_F(Coalescing, NotByTheCommonNameOfTheCertificate) {
  const HeldCertificate named = certificate_for("a.example").common_name("b.example").build();
  EXPECT_FALSE(may(connect(address("https://a.example/"), named), address("https://b.example/")));
}

TEST_F(Coalescing, NotForAnAddressThatTheCertificateDoesNotCover) {
  EXPECT_TRUE(may(connect_to_a(), address("https://192.0.2.1/")));
  const HeldCertificate names = certificate_for("a.example").build();
  EXPECT_FALSE(may(connect(address("https://a.example/"), names), address("https://192.0.2.1/")));
}

TEST_F(Coalescing, NotWithAClientCertificate) {
  const HeldCertificate own = HeldCertificate::Builder().build();
  const TlsConfig tls = TlsConfig::Builder().client_certificate(own.certificate_pem(), own.private_key_pem()).build();
  EXPECT_FALSE(may(connect(address("https://a.example/", tls), both_), address("https://b.example/", tls)));
}

TEST_F(Coalescing, NotWhereAHostIsNotVerified) {
  for (const char* host : {"a.example", "b.example"}) {
    for (const bool names : {false, true}) {
      const TlsConfig tls = TlsConfig::Builder().add_insecure_host(host).verify_host_name(names).build();
      EXPECT_FALSE(may(connect(address("https://a.example/", tls), both_), address("https://b.example/", tls))) << host;
    }
  }
  // The dot of an absolute name makes no other host of it.
  const TlsConfig dotted = TlsConfig::Builder().add_insecure_host("a.example").build();
  EXPECT_FALSE(may(connect(address("https://a.example./", dotted), both_), address("https://b.example/", dotted)));
  const TlsConfig tls = TlsConfig::Builder().insecure().build();
  EXPECT_FALSE(may(connect(address("https://a.example/", tls), both_), address("https://b.example/", tls)));
}

TEST_F(Coalescing, NotUnderAnotherRuleForNames) {
  class AnyHost final : public HostnameVerifier {
   public:
    bool verify(const std::string&, const Handshake&) override { return true; }
  };
  ConnectionIdentity who(Dns::system(), {Protocol::http_2, Protocol::http_1_1}, TlsConfig());
  who.hostname_verifier = std::make_shared<AnyHost>();
  const auto lenient = store_->addresses().intern(std::move(who));
  const auto to = [&](const char* url) { return store_->addresses().find(Url::parse(url), lenient); };
  EXPECT_FALSE(may(connect(to("https://a.example/"), both_), to("https://b.example/")));
}

TEST_F(Coalescing, NotForAHostWhosePinsDoNotHold) {
  const std::string other = HeldCertificate::localhost().certificate().pin();
  const auto pinned = [&](const std::string& host, const std::string& pin) {
    auto who = *identity();
    who.pinner = CertificatePinner::Builder().add(host, pin).build();
    const auto interned = store_->addresses().intern(std::move(who));
    const auto connection = connect(store_->addresses().find(Url::parse("https://a.example/"), interned), both_);
    return may(connection, store_->addresses().find(Url::parse("https://b.example/"), interned));
  };
  EXPECT_FALSE(pinned("b.example", other));
  EXPECT_TRUE(pinned("b.example", both_.certificate().pin()));
  EXPECT_TRUE(pinned("c.example", other)) << "pins of a third host";
}

TEST_F(Coalescing, NotForAHostThatTheAddressPolicyDoesNotPermitThere) {
  class OnlyHost final : public AddressPolicy {
   public:
    bool permits(const std::string& host, const Endpoint& endpoint) override {
      if (throws) throw std::runtime_error("the policy broke");
      return host == permitted && endpoint.address == kServer;
    }
    std::string permitted;
    bool throws = false;
  };
  const auto policy = std::make_shared<OnlyHost>();
  auto who = *identity();
  who.address_policy = policy;
  const auto interned = store_->addresses().intern(std::move(who));
  const auto to = [&](const char* url) { return store_->addresses().find(Url::parse(url), interned); };
  const auto connection = connect(to("https://a.example/"), both_);
  policy->permitted = "a.example";
  EXPECT_FALSE(may(connection, to("https://b.example/")));
  policy->permitted = "b.example";
  EXPECT_TRUE(may(connection, to("https://b.example/")));
  policy->throws = true;
  EXPECT_FALSE(may(connection, to("https://b.example/")));
}

TEST_F(Coalescing, NotUnderOtherSettings) {
  const auto connection = connect_to_a();
  const TlsConfig modern = TlsConfig::Builder().min_version(TlsVersion::tls_1_3).build();
  EXPECT_FALSE(may(connection, address("https://b.example/", modern)));
  const TlsConfig trusting = TlsConfig::Builder().trust_certificates(both_.certificate_pem()).build();
  EXPECT_FALSE(may(connection, address("https://b.example/", trusting)));
}

TEST_F(Coalescing, NotWithoutACertificate) {
  const Address a = address("https://a.example/");
  auto codec = std::make_shared<FakeConnectionCodec>(MemorySocket::make_pair().first, Protocol::http_2);
  const auto bare = std::make_shared<Connection>(Route(a, Endpoint(kServer, 443)), std::move(codec), nullptr);
  EXPECT_FALSE(may(bare, address("https://b.example/")));
}

TEST_F(Coalescing, NotAfterThePeerObjected) {
  const auto connection = connect_to_a();
  connection->stop_coalescing();
  EXPECT_FALSE(may(connection, address("https://b.example/")));
}

TEST_F(Coalescing, ThePoolGivesOutWhatMayBeCoalescedAndHasRoom) {
  const auto connection = connect_to_a();
  store_->add(connection, engine_.time);
  const Address b = address("https://b.example/");
  const Address c = address("https://c.example/");
  const auto find = [&](const Address& to) { return store_->acquire_coalesced(to, routes(to), engine_, false); };
  EXPECT_EQ(find(b), connection);
  EXPECT_EQ(find(c), nullptr);
  fake_->max = 2;
  EXPECT_EQ(find(b), nullptr) << "it is full";
  EXPECT_EQ(store_->acquire(b, engine_, false), nullptr) << "the name of the host is not enough";
  store_->release(connection, engine_.time);
  store_->release(connection, engine_.time);
  EXPECT_EQ(find(b), connection) << "an idle one, too";
  store_->release(connection, engine_.time);
  engine_.time += 2s;
  fake_->looks_good = false;
  EXPECT_EQ(find(b), nullptr);
  EXPECT_EQ(store_->connection_count(), 0U);
}

/// A call without its chain.
class CoalescedCall : public Coalescing, public TransmissionOwner {
 protected:
  CoalescedCall() {
    context_->attach(engine_);
    context_->call = &call_;
    settings_->codecs = std::make_shared<FakeCodecFactory>();
  }
  void transmission_ended(const Error* failure) noexcept override { tell_end_of_call(*context_, failure); }

  /// The connection that an exchange for `url` is on; 0 when there is none.
  std::uint64_t connection_for(const std::string& url) {
    try {
      return engine_.run(exchange(Request::get(url)));
    } catch (const Error& error) {
      EXPECT_EQ(error.errc(), Errc::connect_failed) << error.what();
      return 0;
    }
  }

  Task<std::uint64_t> exchange(Request request) {
    transmission_->prepare(request);
    std::shared_ptr<Exchange> exchange = co_await transmission_->new_exchange();
    exchange->write_request_headers(request);
    co_await exchange->finish_request();
    ResponseHead head = co_await exchange->read_response_head();
    const ResponseBody body = exchange->open_response_body(head);
    co_return exchange->connection().id();
  }

  std::shared_ptr<ConnectionSettings> settings_ = std::make_shared<ConnectionSettings>(
      store_, identity(), std::make_shared<LazyTlsContext>(TlsConfig()), std::make_shared<DnsLookups>("unused", 1, 1s));
  Client client_;
  Call call_ = client_.new_call(Request::get("https://192.0.2.1/"));
  std::shared_ptr<CallContext> context_ =
      std::make_shared<CallContext>(std::make_shared<LoopProvider>("never started"));
  std::shared_ptr<Transmission> transmission_ = std::make_shared<Transmission>(*this, context_, settings_);
};

TEST_F(CoalescedCall, KeepsItsConnectionUntilThePeerObjects) {
  const auto connection = connect_to_a();
  store_->add(connection, engine_.time);
  EXPECT_EQ(connection_for("https://192.0.2.1/"), connection->info().id());
  EXPECT_TRUE(transmission_->is_coalesced());
  EXPECT_EQ(connection_for("https://192.0.2.1/"), connection->info().id());
  transmission_->stop_coalescing();  // the answer was 421
  EXPECT_EQ(connection_for("https://192.0.2.1/"), 0U) << "it goes on a connection of its own, which fails here";
  EXPECT_EQ(store_->acquire(address("https://a.example/"), engine_, false), connection) << "its own host may use it";
  store_->release(connection, engine_.time);
  transmission_->fail(Error(Errc::canceled, Blame::caller, "over"));
  store_->release(connection, engine_.time);
}

}  // namespace
}  // namespace okhttp::internal
