#include "wire/socks_handshake.hpp"

#include <algorithm>
#include <array>

#include "wire/proxy_error.hpp"

namespace okhttp::internal {
namespace {

Error failure_of(const SocksClient& client, const std::string& doing) {
  switch (client.error()) {
    case SocksErrc::target_too_long:
    case SocksErrc::target_not_supported:
    case SocksErrc::credentials_too_long:
      return Error(Errc::proxy_failed, Blame::caller, doing + ": " + client.error_text());
    default:
      return Error(Errc::proxy_failed, Blame::peer, doing + ": " + client.error_text());
  }
}

}  // namespace

Task<void> shake_hands_with_socks(CallContext& context, TimePoint until, Stream& stream, SocksClient client,
                                  std::string doing) {
  Engine& engine = context.engine();
  std::array<std::byte, 512> buffer;
  while (!client.is_over()) {
    if (!client.outgoing().empty()) {
      WriteAll write(engine, terms_within(context, context.timeouts.write, until), stream, as_bytes(client.outgoing()));
      const IoResult written = co_await write;
      if (!written.ok()) throw proxy_error(context, written, Errc::write_timeout, doing, stream);
      client.sent();
    }
    const std::size_t size = std::min(buffer.size(), client.wanted());
    ReadSome read(engine, terms_within(context, context.timeouts.read, until), stream, Bytes(buffer.data(), size));
    const IoResult result = co_await read;
    if (!result.ok()) throw proxy_error(context, result, Errc::read_timeout, doing, stream);
    client.received(as_text(ConstBytes(buffer.data(), result.bytes)));
  }
  if (!client.is_connected()) throw failure_of(client, doing);
}

}  // namespace okhttp::internal
