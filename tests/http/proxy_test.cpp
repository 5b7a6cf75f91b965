#include <okhttp/proxy.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace okhttp {
namespace {

using Type = Proxy::Type;

std::string refusal(std::string_view text) {
  EXPECT_FALSE(Proxy::try_parse(text).has_value()) << text;
  try {
    (void)Proxy::parse(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

TEST(ProxyTest, NoneIsDirect) {
  const Proxy proxy;
  EXPECT_TRUE(proxy.is_direct());
  EXPECT_FALSE(proxy.is_http());
  EXPECT_FALSE(proxy.is_socks());
  EXPECT_FALSE(proxy.resolves_names());
  EXPECT_EQ(proxy, Proxy::direct());
  EXPECT_EQ(proxy.to_string(), "direct");
}

TEST(ProxyTest, ReadsEveryScheme) {
  EXPECT_EQ(Proxy::parse("http://p.example:3128"), Proxy(Type::http, "p.example", 3128));
  EXPECT_EQ(Proxy::parse("HTTPS://p.example:3128"), Proxy(Type::https, "p.example", 3128));
  EXPECT_EQ(Proxy::parse("socks://p.example:1"), Proxy(Type::socks4, "p.example", 1));
  EXPECT_EQ(Proxy::parse("socks4://p.example:1"), Proxy(Type::socks4, "p.example", 1));
  EXPECT_EQ(Proxy::parse("socks4a://p.example:1"), Proxy(Type::socks4a, "p.example", 1));
  EXPECT_EQ(Proxy::parse("socks5://p.example:1"), Proxy(Type::socks5, "p.example", 1));
  EXPECT_EQ(Proxy::parse("socks5h://p.example:1"), Proxy(Type::socks5h, "p.example", 1));
}

TEST(ProxyTest, AHostAndPortAloneAreAnHttpProxy) {
  EXPECT_EQ(Proxy::parse("p.example:3128"), Proxy(Type::http, "p.example", 3128));
  EXPECT_EQ(Proxy::parse("user:secret@p.example:3128"), Proxy(Type::http, "p.example", 3128, "user", "secret"));
}

TEST(ProxyTest, WithoutAPortItIsTheOneOfCurl) {
  EXPECT_EQ(Proxy::parse("p.example").port(), 1080);
  EXPECT_EQ(Proxy::parse("https://p.example/").port(), 443);
  EXPECT_EQ(Proxy::parse("socks5://p.example").port(), 1080);
}

TEST(ProxyTest, TheHostIsCanonical) {
  EXPECT_EQ(Proxy::parse("http://P.EXAMPLE:1").host(), "p.example");
  EXPECT_EQ(Proxy::parse("http://[2001:DB8::0:1]:1").host(), "2001:db8::1");
  EXPECT_EQ(Proxy(Type::http, "2001:DB8::1", 1), Proxy::parse("[2001:db8::1]:1"));
  EXPECT_EQ(Proxy::parse("0x7f.1:80").host(), "127.0.0.1");
}

TEST(ProxyTest, UserAndPasswordArePercentDecoded) {
  const Proxy proxy = Proxy::parse("http://a%40b:c%3Ad%2F@@p.example:1");
  EXPECT_EQ(proxy.user(), "a@b");
  EXPECT_EQ(proxy.password(), "c:d/@");
  EXPECT_TRUE(proxy.has_credentials());
  EXPECT_EQ(Proxy::parse("http://user@p.example:1").password(), "");
  EXPECT_TRUE(Proxy::parse("http://:word@p.example:1").has_credentials());
  EXPECT_FALSE(Proxy::parse("http://p.example:1").has_credentials());
}

TEST(ProxyTest, CredentialsAreNeverPrinted) {
  EXPECT_EQ(Proxy::parse("socks5h://alice:secret@[::1]:1").to_string(), "socks5h://██@[::1]:1");
  EXPECT_EQ(Proxy::parse("socks4://p.example").to_string(), "socks4://p.example:1080");
  for (const char* text : {"http://alice:secret@", "http://alice:secret@h:0", "ftp://alice:secret@h:1",
                           "http://alice:secret@h:1/path", "http://alice:secret@h h", "http://alice:sec/ret@h"}) {
    const std::string why = refusal(text);
    EXPECT_NE(why, "") << text;
    EXPECT_EQ(why.find("alice"), std::string::npos) << why;
    EXPECT_EQ(why.find("secret"), std::string::npos) << why;
  }
}

TEST(ProxyTest, RefusesWhatIsNoProxy) {
  for (const char* text : {"",
                           "http://",
                           "://h:1",
                           "ftp://h:1",
                           "direct://h",
                           "h:",
                           "h:0",
                           "h:65536",
                           "h:-1",
                           "h:1x",
                           "::1",
                           "::1:80",
                           "[::1",
                           "[::1]80",
                           "http://h:1/path",
                           "http://h:1?q",
                           "http://h:1#f",
                           "http://h\\x:1",
                           "a b:1",
                           "http://user@",
                           "http://evil.example/@h:1",
                           "h..e:1 "}) {
    EXPECT_NE(refusal(text), "") << text;
  }
}

TEST(ProxyTest, LineBreaksAreRefusedWhereverTheyAre) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {"http://h:1\r\nHost: x"sv, "http://h\n:1"sv, "\rh:1"sv, "http://u:p\r\n@h:1"sv, "http://u%0d%0aX:p@h:1"sv,
        "http://u:p%0A@h:1"sv, "http://u:%00@h:1"sv, "h\0:1"sv}) {
    EXPECT_NE(refusal(text), "");
  }
  EXPECT_THROW(Proxy(Type::http, "h", 1, "a\r\nb"), std::invalid_argument);
  EXPECT_THROW(Proxy(Type::http, "h", 1, "a", "b\n"), std::invalid_argument);
  EXPECT_THROW(Proxy(Type::http, "h\r\n", 1), std::invalid_argument);
}

TEST(ProxyTest, TheConstructorRefusesBadValues) {
  EXPECT_THROW(Proxy(Type::direct, "h", 1), std::invalid_argument);
  EXPECT_THROW(Proxy(Type::http, "h", 0), std::invalid_argument);
  EXPECT_THROW(Proxy(Type::http, "", 1), std::invalid_argument);
  EXPECT_THROW(Proxy(Type::http, "h:2", 1), std::invalid_argument);
}

TEST(ProxyTest, SomeResolveNamesThemselves) {
  EXPECT_TRUE(Proxy(Type::http, "h", 1).resolves_names());
  EXPECT_TRUE(Proxy(Type::https, "h", 1).resolves_names());
  EXPECT_TRUE(Proxy(Type::socks4a, "h", 1).resolves_names());
  EXPECT_TRUE(Proxy(Type::socks5h, "h", 1).resolves_names());
  EXPECT_FALSE(Proxy(Type::socks4, "h", 1).resolves_names());
  EXPECT_FALSE(Proxy(Type::socks5, "h", 1).resolves_names());
}

TEST(ProxyTest, EveryPartTellsProxiesApart) {
  const Proxy proxy(Type::http, "h", 1, "u", "p");
  EXPECT_EQ(proxy, Proxy(Type::http, "H", 1, "u", "p"));
  EXPECT_NE(proxy, Proxy(Type::https, "h", 1, "u", "p"));
  EXPECT_NE(proxy, Proxy(Type::http, "g", 1, "u", "p"));
  EXPECT_NE(proxy, Proxy(Type::http, "h", 2, "u", "p"));
  EXPECT_NE(proxy, Proxy(Type::http, "h", 1, "v", "p"));
  EXPECT_NE(proxy, Proxy(Type::http, "h", 1, "u", "q"));
  EXPECT_NE(proxy, Proxy(Type::http, "h", 1));
}

}  // namespace
}  // namespace okhttp
