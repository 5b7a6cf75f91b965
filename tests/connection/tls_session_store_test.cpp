#include "connection/tls_session_store.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace okhttp::internal {
namespace {

class TlsSessionStoreTest : public testing::Test {
 protected:
  [[nodiscard]] Address address(const std::string& url, TlsConfig tls = TlsConfig()) {
    const auto identity = book_.intern(ConnectionIdentity(Dns::system(), {Protocol::http_1_1}, std::move(tls)));
    return book_.find(Url::parse(url), identity);
  }
  AddressBook book_;
  TlsSessionStore store_;
  const Proxy direct_ = Proxy::direct();
};

TEST_F(TlsSessionStoreTest, TheSamePeerUnderTheSameSettingsHasOneSetOfSessions) {
  const auto sessions = store_.of(address("https://a.example/"), direct_, TlsEnd::server);
  EXPECT_EQ(store_.of(address("https://a.example/b"), direct_, TlsEnd::server), sessions);
  EXPECT_EQ(store_.peer_count(), 1U);
}

// CVE-2021-22890, CVE-2024-0853: whatever tells two peers or two sets of settings apart tells their sessions apart.
TEST_F(TlsSessionStoreTest, EveryDifferenceTellsSessionsApart) {
  const Address a = address("https://a.example/");
  const Proxy proxy = Proxy::parse("https://proxy.example");
  std::vector<std::shared_ptr<TlsSessions>> all = {
      store_.of(a, direct_, TlsEnd::server),
      store_.of(a, proxy, TlsEnd::server),
      store_.of(a, proxy, TlsEnd::proxy),
      store_.of(a, Proxy::parse("https://other.example"), TlsEnd::proxy),
      store_.of(a, Proxy::parse("https://user:secret@proxy.example"), TlsEnd::proxy),
      store_.of(address("https://a.example:444/"), direct_, TlsEnd::server),
      store_.of(address("https://b.example/"), direct_, TlsEnd::server),
      store_.of(address("https://a.example/", TlsConfig::Builder().insecure().build()), direct_, TlsEnd::server),
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(all[i], all[j]) << i << " and " << j;
  }
}

TEST_F(TlsSessionStoreTest, ForgetsWhomNobodyAskedForLongest) {
  const Address kept = address("https://kept.example/");
  const Address dropped = address("https://dropped.example/");
  const auto of_kept = store_.of(kept, direct_, TlsEnd::server);
  const auto of_dropped = store_.of(dropped, direct_, TlsEnd::server);
  for (std::size_t i = 0; i < TlsSessionStore::kMostPeers - 1; ++i) {
    EXPECT_EQ(store_.of(kept, direct_, TlsEnd::server), of_kept);
    (void)store_.of(address("https://" + std::to_string(i) + ".example/"), direct_, TlsEnd::server);
  }
  EXPECT_EQ(store_.peer_count(), TlsSessionStore::kMostPeers);
  EXPECT_EQ(store_.of(kept, direct_, TlsEnd::server), of_kept);
  EXPECT_NE(store_.of(dropped, direct_, TlsEnd::server), of_dropped);
}

TEST_F(TlsSessionStoreTest, ServesThreadsAtOnce) {
  const Address a = address("https://a.example/");
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const Address own = address("https://" + std::to_string(i) + ".example/");
      for (int call = 0; call < 200; ++call) {
        store_.of(a, direct_, TlsEnd::server)->clear();
        (void)store_.of(own, direct_, TlsEnd::server)->take(0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_.peer_count(), 5U);
}

}  // namespace
}  // namespace okhttp::internal
