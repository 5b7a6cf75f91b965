// A user's program: needs nothing but the installed package.

#include <okhttp/url.hpp>

#include <cstdio>

int main() {
  const okhttp::Url url = okhttp::Url::parse("https://example.com/a/../b?q=1");
  std::puts(url.to_string().c_str());
  return url.host() == "example.com" ? 0 : 1;
}
