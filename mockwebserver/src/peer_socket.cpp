#include "peer_socket.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "peer_error.hpp"

namespace okhttp::internal {

Task<bool> PeerSocket::has_bytes() {
  if (!peer_.buffered().empty()) co_return true;
  co_return co_await with_public_error(peer_.fill());
}

Task<std::size_t> PeerSocket::read_some(std::span<std::byte> into) {
  const bool has_some = co_await has_bytes();
  if (!has_some) co_return 0;
  const std::size_t count = std::min(into.size(), peer_.buffered().size());
  std::memcpy(into.data(), peer_.buffered().data(), count);
  peer_.consume(count);
  co_return count;
}

Task<std::string> PeerSocket::read_exactly(std::size_t count) {
  std::string read;
  while (read.size() < count) {
    const bool has_some = co_await has_bytes();
    if (!has_some) break;
    const std::size_t more = std::min(count - read.size(), peer_.buffered().size());
    read += peer_.buffered().substr(0, more);
    peer_.consume(more);
  }
  co_return read;
}

Task<void> PeerSocket::write(std::string bytes) { co_await with_public_error(peer_.write(bytes)); }

}  // namespace okhttp::internal
