// The yardstick of blocking calls: threads that do nothing but send(2) and recv(2) on a connection each.
//
//     bare_loops PORT PATH N THREADS
//
// sends N requests in all to 127.0.0.1 and prints one line as okhttp_client does. It reads Content-Length and nothing
// else of the response.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

int connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  return descriptor;
}

/// Reads one response; false when the peer closed or sent something unexpected.
bool read_response(int descriptor, std::vector<char>& buffer) {
  std::size_t have = 0;
  std::size_t need = 0;
  while (need == 0 || have < need) {
    const ssize_t got = ::recv(descriptor, buffer.data() + have, buffer.size() - have, 0);
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
    if (need > 0) continue;
    const std::string_view text(buffer.data(), have);
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) continue;
    const std::size_t length = text.find("Content-Length: ");
    if (length == std::string_view::npos || length > end) return false;
    need = end + 4 + std::strtoul(buffer.data() + length + 16, nullptr, 10);
  }
  return have == need;
}

void run(std::uint16_t port, const std::string& request, std::size_t count) {
  const int descriptor = connect_to(port);
  std::vector<char> buffer(16384);
  for (std::size_t i = 0; i < count; ++i) {
    const ssize_t sent = ::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size()) || !read_response(descriptor, buffer)) {
      std::fprintf(stderr, "bare_loops: a response broke off\n");
      std::exit(1);
    }
  }
  ::close(descriptor);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s PORT PATH N THREADS\n", argv[0]);
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10));
  const std::string request = std::string("GET ") + argv[2] + " HTTP/1.1\r\nHost: 127.0.0.1:" + argv[1] +
                              "\r\nConnection: Keep-Alive\r\nUser-Agent: bare\r\n\r\n";
  const std::size_t requests = std::strtoul(argv[3], nullptr, 10);
  const std::size_t threads = std::strtoul(argv[4], nullptr, 10);
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < threads; ++i) running.emplace_back([&] { run(port, request, requests / threads); });
  for (std::thread& thread : running) thread.join();
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("req=%zu wall_s=%.6f cpu_s=%.6f\n", requests / threads * threads, wall,
              seconds(usage.ru_utime) + seconds(usage.ru_stime));
  return 0;
}
