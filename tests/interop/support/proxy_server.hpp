#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "interop/support/child_process.hpp"

namespace okhttp::interop {

/// A proxy that is installed on this machine, run for the tests, on 127.0.0.1.
///
/// Threads: the test's own.
class ProxyServer {
 public:
  ProxyServer(const ProxyServer&) = delete;
  ProxyServer& operator=(const ProxyServer&) = delete;
  virtual ~ProxyServer();

  /// Returns when all ports accept connections. Throws std::runtime_error with its log when that does not happen.
  void start();
  /// Returns when all of its processes, hence all of its connections, are gone.
  void stop() noexcept { process_.reset(); }

  // Who the proxies that ask know.
  static constexpr const char* kUser = "jane";
  static constexpr const char* kPassword = "secret";

 protected:
  /// `program` is looked for where Debian has it. Throws std::runtime_error that says what to install.
  ProxyServer(std::string name, const std::string& program, const std::string& package);

  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
  [[nodiscard]] const std::string& program() const noexcept { return program_; }
  /// A free one below those that the system gives to outgoing connections.
  [[nodiscard]] std::uint16_t add_port();
  void set_command(std::vector<std::string> command) { command_ = std::move(command); }

 private:
  const std::string name_;
  std::string program_;
  std::filesystem::path directory_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::string> command_;
  std::unique_ptr<ChildProcess> process_;
};

/// Squid: forwards and opens tunnels, to anybody on one port and to kUser alone, by Basic, on the other.
class Squid final : public ProxyServer {
 public:
  Squid();
  [[nodiscard]] std::uint16_t open_port() const noexcept { return open_; }
  [[nodiscard]] std::uint16_t closed_port() const noexcept { return closed_; }

 private:
  const std::uint16_t open_;
  const std::uint16_t closed_;
};

/// Dante, which knows of a host that nobody else does: kHost, this machine. It either serves anybody, by SOCKS4 and
/// 5, or asks for kUser's password, by SOCKS5 alone.
class Dante final : public ProxyServer {
 public:
  enum class Asks : std::uint8_t { nothing, password };
  static constexpr const char* kHost = "known-to-the-proxy.example";

  explicit Dante(Asks asks);
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  const std::uint16_t port_;
};

/// HAProxy as the TLS end in front of another proxy; shows the site's certificate for localhost.
class TlsEnd final : public ProxyServer {
 public:
  explicit TlsEnd(std::uint16_t target);
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  const std::uint16_t port_;
};

}  // namespace okhttp::interop
