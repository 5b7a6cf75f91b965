#include "interop/support/real_server.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <random>
#include <set>
#include <stdexcept>

#include "interop/support/server_configuration.hpp"
#include "interop/support/site.hpp"

namespace okhttp::interop {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStartPatience(60);
constexpr std::chrono::milliseconds kBetweenLooks(2);

class TcpSocket {
 public:
  TcpSocket() : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  TcpSocket(const TcpSocket&) = delete;
  TcpSocket& operator=(const TcpSocket&) = delete;
  ~TcpSocket() { close(descriptor_); }

  [[nodiscard]] bool can_bind(std::uint16_t port) const {
    const int on = 1;
    setsockopt(descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = loopback(port);
    return bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  [[nodiscard]] bool can_connect(std::uint16_t port) const {
    const sockaddr_in address = loopback(port);
    return connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }

  int descriptor_;
};

std::uint16_t free_port() {
  static std::mt19937 random{std::random_device{}()};
  static std::set<std::uint16_t> given;
  std::uniform_int_distribution<unsigned> any(15000, 32000);
  for (int tries = 0; tries < 1000; ++tries) {
    const auto port = static_cast<std::uint16_t>(any(random));
    if (!given.contains(port) && TcpSocket().can_bind(port)) {
      given.insert(port);
      return port;
    }
  }
  throw std::runtime_error("no free port on 127.0.0.1");
}

std::filesystem::path make_directory(ServerKind kind) {
  static int servers = 0;
  const std::filesystem::path directory =
      Site::get().directory() / (std::string(to_string(kind)) + "-" + std::to_string(++servers));
  std::filesystem::create_directory(directory);
  std::filesystem::create_directory(directory / "upload");
  // A server that was started by root writes uploads, and what it notes about them, as somebody else.
  std::filesystem::permissions(directory, std::filesystem::perms::all);
  std::filesystem::permissions(directory / "upload", std::filesystem::perms::all);
  return directory;
}

}  // namespace

std::string_view to_string(ServerKind kind) noexcept {
  switch (kind) {
    case ServerKind::nginx:
      return "nginx";
    case ServerKind::apache:
      return "apache";
    case ServerKind::caddy:
      return "caddy";
    case ServerKind::node:
      return "node";
    case ServerKind::nghttpd:
      return "nghttpd";
    case ServerKind::h2o:
      return "h2o";
    case ServerKind::haproxy:
      break;
  }
  return "haproxy";
}

std::string_view to_string(Scheme scheme) noexcept { return scheme == Scheme::http ? "http" : "https"; }

std::string_view to_string(Way way) noexcept {
  if (way == Way::h2c) return "h2c";
  if (way == Way::h2) return "h2";
  return to_string(scheme_of(way));
}

ServerPorts ServerPorts::choose(ServerKind kind) {
  ServerPorts ports;
  ports.https = free_port();
  if (kind == ServerKind::nghttpd) return ports;
  ports.h2c = free_port();
  if (kind == ServerKind::h2o || kind == ServerKind::haproxy) return ports;
  ports.http = free_port();
  ports.other_name = free_port();
  ports.idle_close = free_port();
  ports.idle_close_tls = free_port();
  if (kind != ServerKind::caddy) ports.closes_after.resize(7);
  for (std::uint16_t& port : ports.closes_after) port = free_port();
  if (kind == ServerKind::nginx || kind == ServerKind::node) ports.goes_away = free_port();
  return ports;
}

std::vector<std::uint16_t> ServerPorts::all() const {
  std::vector<std::uint16_t> result = closes_after;
  for (const std::uint16_t port : {http, https, h2c, other_name, idle_close, idle_close_tls, goes_away}) {
    if (port != 0) result.push_back(port);
  }
  return result;
}

RealServer::RealServer(ServerKind kind)
    : kind_(kind), ports_(ServerPorts::choose(kind)), program_(find_program(kind)), directory_(make_directory(kind)) {
  if (program_.empty()) {
    throw std::runtime_error(std::string(to_string(kind)) + " is not installed. Please run: apt-get install " +
                             package_of(kind) + " (or tools/install_deps.sh test)");
  }
  write_configuration(kind_, ports_, directory_);
}

RealServer::~RealServer() { stop(); }

RealServer& RealServer::shared(ServerKind kind) {
  // The site is the older one, so that it outlives the servers.
  static_cast<void>(Site::get());
  static std::array<std::unique_ptr<RealServer>, 7> servers;
  std::unique_ptr<RealServer>& server = servers.at(static_cast<std::size_t>(kind));
  if (server == nullptr) {
    auto made = std::make_unique<RealServer>(kind);
    made->start();
    server = std::move(made);
  }
  return *server;
}

std::unique_ptr<ChildProcess> RealServer::run(const std::vector<std::string>& command) const {
  const std::filesystem::path log = directory_ / "output.log";
  // Caddy keeps what it remembers in the home directory.
  const std::vector<std::string> environment = {"HOME=" + directory_.string(), "XDG_DATA_HOME=" + directory_.string(),
                                                "XDG_CONFIG_HOME=" + directory_.string()};
  return std::make_unique<ChildProcess>(command, directory_, ChildOutput(log, log), environment);
}

void RealServer::start() {
  process_ = run(command_of(kind_, program_, ports_, directory_));
  wait_until_ready();
}

void RealServer::wait_until_ready() {
  const Clock::time_point deadline = Clock::now() + kStartPatience;
  for (const std::uint16_t port : ports_.all()) {
    while (!TcpSocket().can_connect(port)) {
      if (process_->wait(kBetweenLooks).has_value() || Clock::now() > deadline) {
        throw std::runtime_error(std::string(to_string(kind_)) +
                                 " did not start: " + read_file(directory_ / "output.log"));
      }
    }
  }
}

void RealServer::wait_until_deaf() const {
  const Clock::time_point deadline = Clock::now() + kStartPatience;
  for (const std::uint16_t port : ports_.all()) {
    while (TcpSocket().can_connect(port)) {
      if (Clock::now() > deadline) throw std::runtime_error(std::string(to_string(kind_)) + " did not end");
    }
  }
}

void RealServer::stop() noexcept { process_.reset(); }

void RealServer::restart() {
  stop();
  start();
}

void RealServer::kill_and_restart() {
  process_->kill();
  stop();
  wait_until_deaf();
  start();
}

void RealServer::reload() {
  const std::vector<std::string> command = reload_command_of(kind_, program_, directory_);
  if (command.empty()) {
    process_->signal(reload_signal_of(kind_));
  } else if (run(command)->wait(kStartPatience) != 0) {
    throw std::runtime_error(std::string(to_string(kind_)) +
                             " did not reload: " + read_file(directory_ / "output.log"));
  }
}

std::string RealServer::url(Scheme scheme, std::string_view path) const {
  return url(scheme, scheme == Scheme::http ? ports_.http : ports_.https, path);
}

std::string RealServer::url(Way way, std::string_view path) const {
  return way == Way::h2c ? url(Scheme::http, ports_.h2c, path) : url(scheme_of(way), path);
}

std::string RealServer::url(Scheme scheme, std::uint16_t port, std::string_view path) {
  return std::string(to_string(scheme)) + "://localhost:" + std::to_string(port) + std::string(path);
}

}  // namespace okhttp::interop
