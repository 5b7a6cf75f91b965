// A long way before a server on the loopback: delaying_relay SERVER_PORT DELAY_MS
//
// Prints the port to connect to and relays until its standard input ends.

#include "support/delaying_relay.hpp"

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>

namespace {

template <class Number>
bool parse(const char* text, Number& number) {
  const char* const end = text + std::strlen(text);
  const auto [stopped, error] = std::from_chars(text, end, number);
  return error == std::errc() && stopped == end;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  int delay = 0;
  if (argc != 3 || !parse(argv[1], port) || !parse(argv[2], delay) || delay < 0) {
    std::fprintf(stderr, "usage: %s SERVER_PORT DELAY_MS\n", argv[0]);
    return 2;
  }
  try {
    const okhttp::testing::DelayingRelay relay(port, std::chrono::milliseconds(delay));
    std::printf("%d\n", static_cast<int>(relay.port()));
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
    std::fprintf(stderr, "most under way to clients: %zu bytes, to servers: %zu bytes\n",
                 relay.most_under_way_to_clients(), relay.most_under_way_to_servers());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
