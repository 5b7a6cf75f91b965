#pragma once

namespace okhttp::interop {

/// A network of this thread's own, and of the threads and processes that it starts from then on: the loopback, and
/// networks in which everything vanishes without an answer, 192.0.2.0/24 and 2001:db8::/32 (those of RFC 5737 and
/// RFC 3849 for documentation). Every other address is unreachable.
///
/// The thread never comes back from it, so a test gives it one of its own.
class PrivateNetwork final {
 public:
  /// Throws std::system_error where the right or the means are missing: it takes root and /dev/net/tun.
  PrivateNetwork();
  PrivateNetwork(const PrivateNetwork&) = delete;
  PrivateNetwork& operator=(const PrivateNetwork&) = delete;
  ~PrivateNetwork();

 private:
  int hole_ = -1;  // the tunnel into which the vanishing networks lead, and which nobody reads
};

}  // namespace okhttp::interop
