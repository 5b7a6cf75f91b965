// One client for all workloads of a comparison with other HTTP clients.
//
//     okhttp_client WORKLOAD URL N CONCURRENCY
//
// prints one line: req=<n> wall_s=<x> cpu_s=<x> p50_us=<x> p99_us=<x> rss_kb=<x> bytes=<n>. CPU (user and system, of
// the whole process) and wall time are those of the measured part, which follows a warm-up of 500 requests (5 for cold,
// 1 for bulk; $PEER_WARMUP). $PEER_CA names the CA file.
//
//     h1_seq   one at a time by blocking calls          h1_conc  CONCURRENCY at once by co_await
//     h1_bulk  downloads                                cold     HTTPS, a new connection each, no session resumed
//     resumed_cold  the same with TLS sessions resumed
//     h2_seq, h2_conc, h2_bulk over TLS and HTTP/2, h2c_seq, h2c_conc, h2c_bulk in clear text: the same
//     first    one GET, body to standard output, the line to standard error
//     threads  CONCURRENCY threads of blocking calls on one client; h2_threads, h2c_threads: on one connection
//
// Exits with 3 and "unsupported" for other workloads.

#include <okhttp/okhttp.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <future>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Peak memory of this program image, in KiB. Read without a stream, whose first use would count as a start's cost.
long peak_rss_kb() {
  char status[4096] = {};
  const int file = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  const ssize_t size = ::read(file, status, sizeof status - 1);
  ::close(file);
  const char* line = size > 0 ? std::strstr(status, "VmHWM:") : nullptr;
  return line != nullptr ? std::strtol(line + 6, nullptr, 10) : 0;
}

struct Workload {
  std::string name;
  std::string url;
  std::size_t requests = 0;
  std::size_t concurrency = 1;

  [[nodiscard]] bool is(const char* other) const { return name == other; }
  /// "seq", "conc", "bulk" or "threads", whatever the protocol; else the name.
  [[nodiscard]] std::string_view kind() const {
    const std::string_view whole = name;
    const std::size_t bar = whole.find('_');
    return bar == std::string_view::npos ? whole : whole.substr(bar + 1);
  }
  [[nodiscard]] std::vector<okhttp::Protocol> protocols() const {
    using okhttp::Protocol;
    if (name.starts_with("h2c_")) return {Protocol::h2_prior_knowledge};
    if (name.starts_with("h2_")) return {Protocol::http_2, Protocol::http_1_1};
    return {Protocol::http_1_1};
  }
  [[nodiscard]] std::size_t warm_up() const {
    if (const char* given = std::getenv("PEER_WARMUP")) return std::strtoul(given, nullptr, 10);
    if (kind() == "bulk") return 1;
    if (kind() == "cold") return 5;
    return is("first") ? 0 : 500;
  }
};

class Measurement {
 public:
  explicit Measurement(std::size_t expected) { latencies_.reserve(expected); }

  void start() {
    latencies_.clear();
    bytes_ = 0;
    cpu_at_start_ = cpu_seconds();
    started_ = Clock::now();
  }
  void add(Clock::duration latency, std::size_t bytes) {
    latencies_.push_back(latency);
    bytes_ += bytes;
  }
  void merge(const Measurement& other) {
    latencies_.insert(latencies_.end(), other.latencies_.begin(), other.latencies_.end());
    bytes_ += other.bytes_;
  }
  void report(std::FILE* out) {
    const double wall = std::chrono::duration<double>(Clock::now() - started_).count();
    const double cpu = cpu_seconds() - cpu_at_start_;
    std::sort(latencies_.begin(), latencies_.end());
    const auto percentile = [&](std::size_t percent) {
      if (latencies_.empty()) return 0.0;
      const std::size_t index = std::min(latencies_.size() - 1, latencies_.size() * percent / 100);
      return std::chrono::duration<double, std::micro>(latencies_[index]).count();
    };
    std::fprintf(out, "req=%zu wall_s=%.6f cpu_s=%.6f p50_us=%.2f p99_us=%.2f rss_kb=%ld bytes=%zu\n",
                 latencies_.size(), wall, cpu, percentile(50), percentile(99), peak_rss_kb(), bytes_);
  }

 private:
  std::vector<Clock::duration> latencies_;
  std::size_t bytes_ = 0;
  Clock::time_point started_;
  double cpu_at_start_ = 0;
};

void require_ok(const okhttp::Response& response) {
  if (response.code() != 200) throw std::runtime_error("status " + std::to_string(response.code()));
}

okhttp::Client make_client(const Workload& workload) {
  okhttp::Client::Builder builder;
  builder.protocols(workload.protocols());
  okhttp::Dispatcher dispatcher;
  dispatcher.set_max_requests(workload.concurrency + 1);
  dispatcher.set_max_requests_per_host(workload.concurrency + 1);
  builder.dispatcher(dispatcher);
  const std::size_t idle = workload.kind() == "cold" ? 0 : std::max<std::size_t>(workload.concurrency, 5);
  builder.connection_pool(okhttp::ConnectionPool(idle));
  if (const char* ca = std::getenv("PEER_CA"); ca != nullptr && workload.url.starts_with("https:")) {
    builder.tls(okhttp::TlsConfig::Builder().system_trust(false).trust_file(ca).build());
  }
  return builder.build();
}

/// One blocking GET, its body read to the end.
void get(const okhttp::Client& client, const okhttp::Request& request, std::span<std::byte> buffer,
         Measurement& measurement) {
  const Clock::time_point begin = Clock::now();
  const okhttp::Response response = client.new_call(request).execute();
  require_ok(response);
  std::size_t bytes = 0;
  while (const std::size_t count = response.body().read_some(buffer)) bytes += count;
  measurement.add(Clock::now() - begin, bytes);
}

void run_sequential(const Workload& workload, const okhttp::Client& client) {
  // TLS sessions belong to a pool, so a client with a new one has none to resume.
  const auto client_for_one = [&] {
    return workload.is("cold") ? client.new_builder().connection_pool(okhttp::ConnectionPool(0)).build() : client;
  };
  const auto request = okhttp::Request::get(workload.url);
  std::vector<std::byte> buffer(workload.kind() == "bulk" ? std::size_t{512} * 1024 : std::size_t{16} * 1024);
  Measurement measurement(std::max(workload.requests, workload.warm_up()));
  for (std::size_t i = 0; i < workload.warm_up(); ++i) get(client_for_one(), request, buffer, measurement);
  measurement.start();
  for (std::size_t i = 0; i < workload.requests; ++i) get(client_for_one(), request, buffer, measurement);
  measurement.report(stdout);
}

okhttp::Task<void> keep_getting(okhttp::Client client, okhttp::Request request, std::size_t& left,
                                Measurement& measurement) {
  std::vector<std::byte> buffer(std::size_t{16} * 1024);
  while (left > 0) {
    --left;
    const Clock::time_point begin = Clock::now();
    const okhttp::Response response = co_await client.new_call(request);
    require_ok(response);
    const okhttp::ResponseBody::Async body = response.body().async();
    std::size_t bytes = 0;
    for (;;) {
      const std::size_t count = co_await body.read_some(buffer);
      if (count == 0) break;
      bytes += count;
    }
    measurement.add(Clock::now() - begin, bytes);
  }
}

/// Runs on the client's loop: all of it on that one thread.
okhttp::Task<void> run_all(const okhttp::Client& client, const okhttp::Request& request, std::size_t requests,
                           std::size_t concurrency, Measurement& measurement) {
  std::size_t left = requests;
  std::vector<okhttp::Task<void>> clients;
  for (std::size_t i = 0; i < concurrency; ++i) clients.push_back(keep_getting(client, request, left, measurement));
  co_await okhttp::when_all(std::move(clients));
}

okhttp::Task<void> measure_concurrent(const Workload& workload, okhttp::Client client) {
  const auto request = okhttp::Request::get(workload.url);
  Measurement measurement(std::max(workload.requests, workload.warm_up()));
  co_await run_all(client, request, workload.warm_up(), workload.concurrency, measurement);
  measurement.start();
  co_await run_all(client, request, workload.requests, workload.concurrency, measurement);
  measurement.report(stdout);
}

okhttp::Task<void> tell_when_done(okhttp::Task<void> work, std::promise<void>& done) {
  std::exception_ptr failure;
  try {
    co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    done.set_exception(failure);
  } else {
    done.set_value();
  }
}

void run_concurrent(const Workload& workload, const okhttp::Client& client) {
  std::promise<void> done;
  okhttp::spawn(client, tell_when_done(measure_concurrent(workload, client), done));
  done.get_future().get();
}

void run_threads(const Workload& workload, const okhttp::Client& client) {
  const auto request = okhttp::Request::get(workload.url);
  const auto run = [&](std::size_t requests, Measurement& total) {
    std::vector<Measurement> parts(workload.concurrency, Measurement(requests / workload.concurrency + 1));
    std::vector<std::thread> threads;
    for (Measurement& part : parts) {
      threads.emplace_back([&] {
        std::vector<std::byte> buffer(std::size_t{16} * 1024);
        for (std::size_t i = 0; i < requests / workload.concurrency; ++i) get(client, request, buffer, part);
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Measurement& part : parts) total.merge(part);
  };
  Measurement measurement(workload.requests);
  run(workload.warm_up(), measurement);
  measurement.start();
  run(workload.requests, measurement);
  measurement.report(stdout);
}

void run_first(const Workload& workload, const okhttp::Client& client) {
  Measurement measurement(1);
  measurement.start();
  const Clock::time_point begin = Clock::now();
  const okhttp::Response response = client.get(workload.url);
  require_ok(response);
  std::vector<std::byte> buffer(std::size_t{16} * 1024);
  std::size_t bytes = 0;
  while (const std::size_t count = response.body().read_some(buffer)) {
    bytes += count;
    if (::write(STDOUT_FILENO, buffer.data(), count) < 0) throw std::runtime_error("cannot write the body");
  }
  measurement.add(Clock::now() - begin, bytes);
  measurement.report(stderr);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s WORKLOAD URL N CONCURRENCY\n", argv[0]);
    return 2;
  }
  Workload workload;
  workload.name = argv[1];
  workload.url = argv[2];
  workload.requests = std::strtoul(argv[3], nullptr, 10);
  workload.concurrency = std::max<std::size_t>(1, std::strtoul(argv[4], nullptr, 10));
  try {
    const okhttp::Client client = make_client(workload);
    const std::string_view kind = workload.kind();
    if (kind == "seq" || kind == "bulk" || kind == "cold") {
      run_sequential(workload, client);
    } else if (kind == "conc") {
      run_concurrent(workload, client);
    } else if (kind == "threads") {
      run_threads(workload, client);
    } else if (kind == "first") {
      run_first(workload, client);
    } else {
      std::printf("unsupported\n");
      return 3;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "okhttp_client: %s\n", error.what());
    return 1;
  }
  return 0;
}
