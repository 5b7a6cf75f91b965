// What a cache costs and spares, in CPU time of this process per call, against a server in the same process for what
// goes to the network (so "network" and "miss" contain the server's share; their difference does not).
//
//     cache_cost [CALLS]
//
// prints one line for each: network (no cache), and for a cache in memory and one in a directory: miss, hit by blocking
// calls, hit by co_await on the loop. Bodies have 1 KiB. Then what the largest amount of memory of this process grew by
// while a body of 1 GiB was stored in the directory, and while it was served from there.

#include <okhttp/cache.hpp>
#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/sync_wait.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// The largest amount of memory that this process has had.
double peak_mebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// `call` is run `rounds` times, each for `each` calls.
void measure(const std::string& what, int rounds, const std::function<void(int)>& call, int each = 1) {
  for (int i = 0; i < rounds / 10; ++i) call(-1 - i);
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) call(i);
  const int calls = rounds * each;
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  std::printf("%-22s cpu_us=%.1f wall_us=%.1f\n", what.c_str(), (cpu_seconds() - cpu) / calls * 1e6,
              wall.count() / calls * 1e6);
}

okhttp::Task<void> many(okhttp::Client client, okhttp::Url url, int calls) {
  for (int i = 0; i < calls; ++i) {
    okhttp::Response response = co_await client.new_call(okhttp::Request::get(url));
    (void)co_await response.body().async().string();
  }
}

void measure_cache(const std::string& name, const okhttp::Cache& cache, okhttp::MockWebServer& server, int calls) {
  const okhttp::Client client = okhttp::Client::Builder().cache(cache).build();
  measure(name + " miss", calls, [&](int i) {
    (void)client.execute(okhttp::Request::get(server.url("/" + std::to_string(i)))).body().string();
  });
  const okhttp::Url url = server.url("/hit");
  measure(name + " hit", calls, [&](int) { (void)client.execute(okhttp::Request::get(url)).body().string(); });
  measure(
      name + " hit on the loop", 1, [&](int) { okhttp::sync_wait(many(client, url, calls)); }, calls);
  cache.close();
}

void measure_memory(const std::string& directory) {
  constexpr std::uint64_t kLength = std::uint64_t{1} << 30;
  okhttp::MockWebServer server;
  server.enqueue(
      okhttp::MockResponse::Builder().generated_body(kLength).set_header("Cache-Control", "max-age=3600").build());
  const okhttp::Cache cache(directory, 2 * kLength);
  const okhttp::Client client = okhttp::Client::Builder().cache(cache).build();
  for (const char* const what : {"stored", "served"}) {
    const double before = peak_mebibytes();
    const okhttp::Response response = client.execute(okhttp::Request::get(server.url("/large")));
    const std::uint64_t read = response.body().skip(2 * kLength);
    cache.flush();
    std::printf("1 GiB %s            bytes=%llu peak_mib_more=%.1f from_cache=%d\n", what,
                static_cast<unsigned long long>(read), peak_mebibytes() - before,
                response.cache_response() != nullptr ? 1 : 0);
  }
  cache.close();
}

}  // namespace

int main(int argc, char** argv) {
  const int calls = argc > 1 ? std::atoi(argv[1]) : 5000;
  okhttp::MockWebServer server;
  const okhttp::MockResponse answer = okhttp::MockResponse::Builder()
                                          .body(std::string(1024, 'x'))
                                          .set_header("Cache-Control", "max-age=3600")
                                          .set_header("Content-Type", "text/plain")
                                          .set_header("ETag", "\"1\"")
                                          .build();
  server.set_dispatcher([answer](const okhttp::RecordedRequest&) { return answer; });
  const okhttp::Client plain;
  measure("network", calls, [&](int i) {
    (void)plain.execute(okhttp::Request::get(server.url("/" + std::to_string(i)))).body().string();
  });
  measure_cache("memory", okhttp::Cache::in_memory(1 << 30), server, calls);
  const std::string directory =
      (std::filesystem::temp_directory_path() / ("okhttp-cache-cost-" + std::to_string(::getpid()))).string();
  measure_cache("directory", okhttp::Cache(directory, 1 << 30), server, calls);
  measure_memory(directory);
  std::filesystem::remove_all(directory);
}
