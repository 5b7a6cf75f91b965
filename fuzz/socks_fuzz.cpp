// Feeds answers of a proxy to the SOCKS client, whole and in pieces: both ways must end alike, and neither may ask for
// a byte beyond the proxy's last answer.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "wire/socks.hpp"

namespace {

using namespace okhttp;
using namespace okhttp::internal;

void require(bool condition) {
  if (!condition) std::abort();
}

struct End {
  bool is_connected;
  SocksErrc error;
  std::size_t taken;
  std::string said;
  friend bool operator==(const End&, const End&) = default;
};

End talk(SocksClient client, std::string_view answers, std::size_t piece) {
  std::size_t taken = 0;
  std::string said;
  while (!client.is_over()) {
    said += client.outgoing();
    client.sent();
    require(client.wanted() > 0 && client.wanted() <= 257);
    const std::size_t count = std::min({piece, client.wanted(), answers.size() - taken});
    if (count == 0) break;
    client.received(answers.substr(taken, count));
    taken += count;
  }
  require(!client.is_over() || (client.outgoing().empty() && client.wanted() == 0));
  require(client.error_text().empty() == (client.error() == SocksErrc::none));
  require(!client.is_connected() || client.error() == SocksErrc::none);
  // An answer that is wrong is refused at the byte that shows it, or with the rest of what came along.
  if (client.error() != SocksErrc::none) taken = 0;
  return End{client.is_connected(), client.error(), taken, said};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Proxy::Type types[] = {Proxy::Type::socks4, Proxy::Type::socks4a, Proxy::Type::socks5, Proxy::Type::socks5h};
  const bool has_credentials = (data[0] & 4U) != 0;
  const Proxy proxy(types[data[0] & 3U], "proxy.example", 1080, has_credentials ? "user" : "",
                    has_credentials ? "password" : "");
  std::optional<Endpoint> target;
  if (!proxy.resolves_names()) target = Endpoint(IpAddress::v4({192, 0, 2, 1}), 80);
  const SocksClient client(proxy, "example.com", 80, target);
  const std::string_view answers(reinterpret_cast<const char*>(data) + 1, size - 1);
  const End whole = talk(client, answers, answers.size());
  require(whole == talk(client, answers, 1));
  require(whole == talk(client, answers, 3));
  return 0;
}
