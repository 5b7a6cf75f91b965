#pragma once

#include <okhttp/mockwebserver/held_certificate.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace okhttp::testing {

/// A server on loopback that leads each connection on to another one: what proxies have in common. It blocks on threads
/// of its own, and shares nothing with what it tests.
class RelayServer {
 public:
  RelayServer(const RelayServer&) = delete;
  RelayServer& operator=(const RelayServer&) = delete;
  virtual ~RelayServer();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::size_t connection_count() const noexcept { return accepted_; }

 protected:
  /// A client's end, in clear text or through TLS.
  class Client;

  RelayServer();
  /// Begins to accept; called by the constructor of what derives, and stop() by its destructor.
  void start();
  void stop();

  /// Talks with a client until it is clear which port of this machine to lead it to; nothing when that ends in a
  /// refusal. On the connection's thread.
  virtual std::optional<std::uint16_t> greet(Client& client) = 0;

 private:
  void accept_all();
  void serve(int descriptor);
  static void relay(Client& client, int server);

  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> accepted_ = 0;
  std::thread acceptor_;
  std::mutex mutex_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
  std::vector<int> open_;  // to be shut down when the server stops
};

/// TLS in front of a port of this machine, as stunnel or HAProxy put it before a proxy.
class TlsFront final : public RelayServer {
 public:
  TlsFront(const HeldCertificate& certificate, std::uint16_t target);
  ~TlsFront() override;
  /// How many clients showed a certificate.
  [[nodiscard]] std::size_t client_certificate_count() const noexcept { return certificates_; }
  /// What the last one named as the server.
  [[nodiscard]] std::string server_name();

 private:
  struct Context;
  std::optional<std::uint16_t> greet(Client& client) override;

  const std::unique_ptr<Context> context_;
  const std::uint16_t target_;
  std::atomic<std::size_t> certificates_ = 0;
  std::mutex name_mutex_;
  std::string server_name_;
};

/// A SOCKS proxy of every version. Every name is this machine's own to it.
class SocksServer final : public RelayServer {
 public:
  struct Request {
    int version = 0;
    std::string host;  ///< as it was sent: a name, or an address in digits
    bool is_name = false;
    std::uint16_t port = 0;
    std::string user;
    std::string password;
  };
  /// With a user, SOCKS5 clients have to say so and the password; SOCKS4 clients the user.
  explicit SocksServer(std::string user = {}, std::string password = {});
  ~SocksServer() override;

  /// Refuses what is asked from now on, with that code of SOCKS5 (SOCKS4: 91); 0 to serve again.
  void refuse(std::uint8_t code) { refusal_ = code; }
  [[nodiscard]] std::vector<Request> requests();

 private:
  std::optional<std::uint16_t> greet(Client& client) override;
  std::optional<std::uint16_t> greet4(Client& client);
  std::optional<std::uint16_t> greet5(Client& client);
  bool authenticate(Client& client, Request& request);
  void record(Request request);

  const std::string user_;
  const std::string password_;
  std::atomic<std::uint8_t> refusal_ = 0;
  std::mutex requests_mutex_;
  std::vector<Request> requests_;
};

}  // namespace okhttp::testing
