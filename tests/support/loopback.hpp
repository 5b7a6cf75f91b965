#pragma once

#include <netinet/in.h>

#include <cstdint>

namespace okhttp::testing {

/// What fails sets errno; it is thrown as std::system_error that says what was being done.
int checked(int result, const char* doing);
[[nodiscard]] sockaddr_in loopback(std::uint16_t port);
/// A TCP socket that does not block.
[[nodiscard]] int make_socket();
/// One that listens on the loopback; on which port, is put there.
[[nodiscard]] int make_listener(std::uint16_t& port);
/// Sends small pieces without waiting for more.
void send_at_once(int socket) noexcept;
/// Has a close reset the connection.
void reset_on_close(int socket) noexcept;
/// Takes one that came in and begins to connect to that port; false, and nothing is open, when either fails.
bool accept_and_connect(int listener, std::uint16_t port, int& client, int& server);

}  // namespace okhttp::testing
