// A cookie jar and a cache that an interceptor sets for one call.

#include <okhttp/cache.hpp>
#include <okhttp/client.hpp>
#include <okhttp/cookie_jar.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/call_styles.hpp"
#include "support/protocols.hpp"

namespace okhttp {
namespace {

class ChainOverrideKept : public ProtocolTest<CallStyle> {
 protected:
  using Override = std::function<void(Chain&)>;

  /// Does `set` in calls whose request says so.
  static std::shared_ptr<Interceptor> override_by(Override set) {
    return make_interceptor([set = std::move(set)](Chain& chain) -> Task<Response> {
      const bool is_asked_for = chain.request().headers().contains("Override");
      if (is_asked_for) set(chain);
      Task<Response> proceeding = chain.proceed(chain.request().new_builder().remove_header("Override").build());
      co_return co_await std::move(proceeding);
    });
  }
  Response get(const Client& client, bool with_override, const std::string& path = "/") {
    Request::Builder request = Request::get(server_.url(path)).new_builder();
    if (with_override) request.header("Override", "yes");
    return run(how(), client.new_call(request.build()));
  }
  /// The Cookie field of the next request that the server got; "" for none.
  std::string cookies_sent() { return std::string(server_.take_request()->headers().get("Cookie").value_or("")); }
  static std::string names_in(CookieJar& jar, const Url& url) {
    std::string names;
    for (const Cookie& cookie : jar.load_for_request(url)) names += std::string(cookie.name()) + ' ';
    return names;
  }
  void enqueue_cacheable(const std::string& body) {
    server_.enqueue(MockResponse::Builder().body(body).set_header("Cache-Control", "max-age=3600").build());
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, ChainOverrideKept, over_both_protocols(both_call_styles()), ParameterName());

TEST_P(ChainOverrideKept, SendsAndKeepsCookiesInTheJarOfTheCall) {
  const auto clients = CookieJar::in_memory();
  const auto calls = CookieJar::in_memory();
  const Client client = builder()
                            .cookie_jar(clients)
                            .add_interceptor(override_by([calls](Chain& chain) { chain.set_cookie_jar(calls); }))
                            .build();
  for (const char* cookie : {"ours=1", "theirs=2"}) {
    server_.enqueue(MockResponse::Builder().set_header("Set-Cookie", cookie).build());
  }
  (void)get(client, false);
  (void)get(client, true);
  EXPECT_EQ(names_in(*clients, server_.url("/")), "ours ");
  EXPECT_EQ(names_in(*calls, server_.url("/")), "theirs ");
  EXPECT_EQ(cookies_sent(), "");
  EXPECT_EQ(cookies_sent(), "") << "the client's cookies are none of that call's";
  for (int i = 0; i < 2; ++i) server_.enqueue(MockResponse());
  (void)get(client, true);
  (void)get(client, false);
  EXPECT_EQ(cookies_sent(), "theirs=2");
  EXPECT_EQ(cookies_sent(), "ours=1");
}

TEST_P(ChainOverrideKept, GivesAClientWithoutCookiesAJarForOneCall) {
  const auto calls = CookieJar::in_memory();
  const Client client =
      builder().add_interceptor(override_by([calls](Chain& chain) { chain.set_cookie_jar(calls); })).build();
  server_.enqueue(
      MockResponse::Builder().code(302).set_header("Location", "/b").set_header("Set-Cookie", "a=1").build());
  for (int i = 0; i < 2; ++i) server_.enqueue(MockResponse());
  (void)get(client, true);
  EXPECT_EQ(cookies_sent(), "");
  EXPECT_EQ(cookies_sent(), "a=1") << "the jar holds through redirects";
  (void)get(client, false);
  EXPECT_EQ(cookies_sent(), "");
}

TEST_P(ChainOverrideKept, MakesACallWithoutCookies) {
  const auto clients = CookieJar::in_memory();
  const Client client = builder()
                            .cookie_jar(clients)
                            .add_interceptor(override_by([](Chain& chain) { chain.set_cookie_jar(CookieJar::none()); }))
                            .build();
  server_.enqueue(MockResponse::Builder().set_header("Set-Cookie", "a=1").build());
  server_.enqueue(MockResponse::Builder().set_header("Set-Cookie", "b=2").build());
  (void)get(client, false);
  (void)get(client, true);
  (void)cookies_sent();
  EXPECT_EQ(cookies_sent(), "");
  EXPECT_EQ(names_in(*clients, server_.url("/")), "a ");
}

TEST_P(ChainOverrideKept, KeepsAndTakesResponsesInTheCacheOfTheCall) {
  const Cache cache = Cache::in_memory(100'000);
  const Client client =
      builder().add_interceptor(override_by([cache](Chain& chain) { chain.set_cache(cache); })).build();
  enqueue_cacheable("first");
  server_.enqueue(MockResponse("second"));
  {
    const Response response = get(client, true);
    EXPECT_EQ(response.body().string(), "first");
    EXPECT_NE(response.network_response(), nullptr);
  }
  {
    const Response response = get(client, true);
    EXPECT_EQ(response.body().string(), "first");
    EXPECT_NE(response.cache_response(), nullptr);
    EXPECT_EQ(response.network_response(), nullptr);
  }
  const Response response = get(client, false);
  EXPECT_EQ(response.body().string(), "second") << "the client has no cache";
  EXPECT_EQ(response.cache_response(), nullptr);
  EXPECT_EQ(cache.request_count(), 2U);
}

TEST_P(ChainOverrideKept, HoldsForEveryHopOfTheCall) {
  const Cache cache = Cache::in_memory(100'000);
  const Client client =
      builder().add_interceptor(override_by([cache](Chain& chain) { chain.set_cache(cache); })).build();
  server_.enqueue(
      MockResponse::Builder().code(302).set_header("Location", "/b").set_header("Cache-Control", "no-store").build());
  enqueue_cacheable("kept");
  server_.enqueue(MockResponse::Builder().code(302).set_header("Location", "/b").build());
  EXPECT_EQ(get(client, true).body().string(), "kept");
  EXPECT_EQ(get(client, true).body().string(), "kept");
  EXPECT_EQ(server_.request_count(), 3U);
}

TEST_P(ChainOverrideKept, LeavesTheClientsCacheAlone) {
  const Cache clients = Cache::in_memory(100'000);
  const Client client = builder()
                            .cache(clients)
                            .add_interceptor(override_by([](Chain& chain) { chain.set_cache(std::nullopt); }))
                            .build();
  enqueue_cacheable("kept");
  enqueue_cacheable("not kept");
  EXPECT_EQ(get(client, false).body().string(), "kept");
  {
    const Response response = get(client, true);
    EXPECT_EQ(response.body().string(), "not kept");
    EXPECT_EQ(response.cache_response(), nullptr);
    EXPECT_NE(response.network_response(), nullptr);
  }
  EXPECT_EQ(get(client, false).body().string(), "kept");
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_P(ChainOverrideKept, MaySetTheClientsOwnCache) {
  const Cache clients = Cache::in_memory(100'000);
  const Client client = builder()
                            .cache(clients)
                            .add_interceptor(override_by([clients](Chain& chain) { chain.set_cache(clients); }))
                            .build();
  enqueue_cacheable("kept");
  EXPECT_EQ(get(client, true).body().string(), "kept");
  EXPECT_EQ(get(client, false).body().string(), "kept");
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_P(ChainOverrideKept, RenewsInTheBackgroundForTheCacheOfTheCall) {
  const Cache cache = Cache::in_memory(100'000);
  const Client client =
      builder().add_interceptor(override_by([cache](Chain& chain) { chain.set_cache(cache); })).build();
  server_.enqueue(MockResponse::Builder()
                      .body("old")
                      .set_header("Cache-Control", "max-age=0, stale-while-revalidate=3600")
                      .build());
  enqueue_cacheable("new");
  EXPECT_EQ(get(client, true).body().string(), "old");
  EXPECT_EQ(get(client, true).body().string(), "old");
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(server_.take_request().has_value()) << "nobody renewed it";
}

}  // namespace
}  // namespace okhttp
