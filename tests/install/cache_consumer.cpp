// A user's program with a component: keeps nothing, but links all that keeping takes.

#include <okhttp/cache.hpp>
#include <okhttp/client.hpp>

#include <cstdio>

int main(int /*argc*/, char** argv) {
  const okhttp::Cache cache(std::string(argv[0]) + ".cache", 1 << 20);
  const okhttp::Client client = okhttp::Client::Builder().cache(cache).build();
  std::printf("%zu URLs\n", cache.urls().size());
  cache.close();
  return client.cache().has_value() ? 0 : 1;
}
