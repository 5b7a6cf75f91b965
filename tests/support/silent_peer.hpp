#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

namespace okhttp {

/// A listening socket whose owner never accepts: the system connects, and takes some bytes. A full one does not even
/// connect.
class SilentPeer {
 public:
  explicit SilentPeer(bool full = false) : listener_(open_socket()) {
    sockaddr_in address = loopback(0);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, full ? 0 : 16), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    for (int i = 0; full && i < 4; ++i) {
      fillers_.push_back(open_socket());
      address = loopback(port_);
      (void)connect(fillers_.back(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
  }
  SilentPeer(const SilentPeer&) = delete;
  SilentPeer& operator=(const SilentPeer&) = delete;
  ~SilentPeer() {
    for (const int filler : fillers_) close(filler);
    close(listener_);
  }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_) + "/";
  }

 private:
  static int open_socket() { return socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::vector<int> fillers_;
};

}  // namespace okhttp
