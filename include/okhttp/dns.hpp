#pragma once

#include <okhttp/config.hpp>
#include <okhttp/ip_address.hpp>

#include <memory>
#include <string>
#include <vector>

namespace okhttp {

/// Turns a host name into addresses. Address literals are never looked up.
///
/// Threads: lookup() is called on threads of the library's own, several at once, and may block. A call that is canceled
/// or out of time does not wait for it.
class OKHTTP_API Dns {
 public:
  Dns() = default;
  Dns(const Dns&) = delete;
  Dns& operator=(const Dns&) = delete;
  virtual ~Dns() = default;

  /// The addresses in the order in which they should be tried. Throws Error(Errc::unknown_host) when there are none.
  [[nodiscard]] virtual std::vector<IpAddress> lookup(const std::string& host) = 0;

  /// The operating system's resolver (getaddrinfo).
  [[nodiscard]] static std::shared_ptr<Dns> system();
};

}  // namespace okhttp
