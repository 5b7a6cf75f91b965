#include "interop/support/proxy_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>

#include "interop/support/site.hpp"

namespace okhttp::interop {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStartPatience(60);
constexpr std::chrono::milliseconds kBetweenLooks(2);

// Of kPassword, as `openssl passwd -apr1` and `-6` make them.
constexpr const char* kHashForSquid = "$apr1$interop0$yAqzy4INKB/cm1cPXlqT71";
constexpr const char* kHashForSystem =
    "$6$interop0$eazwbwHEq87RV4VntAYj1OW82RvNhCPmzBzrKZKZQTTkXNvox5PAgA3KuYJD2zveoBssA2h5pYFWzHqwT9E8u.";

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

template <class Use>
bool succeeds(std::uint16_t port, Use use) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  const bool done = use(descriptor, reinterpret_cast<const sockaddr*>(&address), socklen_t{sizeof address}) == 0;
  ::close(descriptor);
  return done;
}

std::filesystem::path make_directory(const std::string& name) {
  static int proxies = 0;
  std::filesystem::path directory = Site::get().directory() / (name + "-" + std::to_string(++proxies));
  std::filesystem::create_directory(directory);
  // A proxy that was started by root writes as somebody else.
  std::filesystem::permissions(directory, std::filesystem::perms::all);
  return directory;
}

std::string find(const std::string& program, const std::string& package) {
  for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/"}) {
    if (std::filesystem::exists(folder + program)) return folder + program;
  }
  throw std::runtime_error(program + " is not installed. Please run: apt-get install " + package +
                           " (or tools/install_deps.sh test)");
}

}  // namespace

ProxyServer::ProxyServer(std::string name, const std::string& program, const std::string& package)
    : name_(std::move(name)), program_(find(program, package)), directory_(make_directory(name_)) {}

ProxyServer::~ProxyServer() { stop(); }

std::uint16_t ProxyServer::add_port() {
  static std::mt19937 random{std::random_device{}()};
  static std::set<std::uint16_t> given;
  std::uniform_int_distribution<unsigned> any(10000, 14999);
  for (int tries = 0; tries < 1000; ++tries) {
    const auto port = static_cast<std::uint16_t>(any(random));
    if (given.insert(port).second && succeeds(port, ::bind)) {
      ports_.push_back(port);
      return port;
    }
  }
  throw std::runtime_error("no free port on 127.0.0.1");
}

void ProxyServer::start() {
  const std::filesystem::path log = directory_ / "output.log";
  process_ = std::make_unique<ChildProcess>(command_, directory_, ChildOutput(log, log));
  const Clock::time_point deadline = Clock::now() + kStartPatience;
  for (const std::uint16_t port : ports_) {
    while (!succeeds(port, ::connect)) {
      if (process_->wait(kBetweenLooks).has_value() || Clock::now() > deadline) {
        throw std::runtime_error(name_ + " did not start: " + read_file(log));
      }
    }
  }
}

Squid::Squid() : ProxyServer("squid", "squid", "squid"), open_(add_port()), closed_(add_port()) {
  const std::string here = directory().string();
  write_file(directory() / "users", std::string(kUser) + ':' + kHashForSquid + '\n');
  write_file(directory() / "squid.conf",
             "http_port 127.0.0.1:" + std::to_string(open_) + " name=open\n" +          //
                 "http_port 127.0.0.1:" + std::to_string(closed_) + " name=closed\n" +  //
                 "auth_param basic program /usr/lib/squid/basic_ncsa_auth " + here +
                 "/users\n"
                 "auth_param basic children 1\n"
                 "auth_param basic realm interop\n"
                 "acl at_closed myportname closed\n"
                 "acl known proxy_auth REQUIRED\n"
                 "http_access deny at_closed !known\n"
                 "http_access allow all\n"
                 "cache deny all\n"
                 "memory_cache_shared off\n"
                 "access_log none\n"
                 "netdb_filename none\n"
                 "pinger_enable off\n"
                 "shutdown_lifetime 0 seconds\n"
                 "visible_hostname localhost\n"
                 "cache_log " +
                 here + "/cache.log\npid_filename " + here + "/squid.pid\ncoredump_dir " + here + '\n');
  set_command({program(), "-N", "-f", here + "/squid.conf"});
}

Dante::Dante(Asks asks) : ProxyServer("dante", "danted", "dante-server"), port_(add_port()) {
  const std::string here = directory().string();
  const bool is_root = ::geteuid() == 0;
  write_file(directory() / "hosts", std::string("127.0.0.1 localhost ") + kHost + '\n');
  write_file(directory() / "passwd", "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n" +
                                         std::string(kUser) + ":x:54321:65534::/:/bin/false\n");
  write_file(directory() / "shadow", std::string(kUser) + ':' + kHashForSystem + ":19000:0:99999:7:::\n");
  write_file(directory() / "danted.conf",
             "logoutput: " + here + "/danted.log\n" +                            //
                 "internal: 127.0.0.1 port = " + std::to_string(port_) + '\n' +  //
                 "external: lo\n"
                 "clientmethod: none\n"
                 "socksmethod: " +
                 (asks == Asks::nothing ? "none" : "username") +   //
                 "\nuser.privileged: root\nuser.unprivileged: " +  //
                 (is_root ? "nobody" : "root") +                   //
                 "\n"
                 "client pass {\n  from: 127.0.0.0/8 to: 0.0.0.0/0\n}\n"
                 "socks pass {\n  from: 127.0.0.0/8 to: 0.0.0.0/0\n  protocol: tcp\n}\n");
  // Dante asks the system who a user is and where a host: for it alone, the system says what the test wants. The shell
  // stays, because Dante closes what it inherits, and with that ChildProcess's way to see that it lives.
  write_file(directory() / "run.sh", "set -e\nfor file in hosts passwd shadow; do mount --bind " + here +
                                         "/$file /etc/$file; done\n" + program() + " -f " + here +
                                         "/danted.conf\nexit $?\n");
  std::vector<std::string> command = {find("unshare", "util-linux"), "--mount"};
  if (!is_root) command.emplace_back("--map-root-user");
  command.insert(command.end(), {"/bin/sh", here + "/run.sh"});
  set_command(std::move(command));
}

TlsEnd::TlsEnd(std::uint16_t target) : ProxyServer("haproxy", "haproxy", "haproxy"), port_(add_port()) {
  const std::string here = directory().string();
  write_file(directory() / "both.pem", read_file(Site::get().certificate_file()) + read_file(Site::get().key_file()));
  write_file(directory() / "haproxy.cfg",
             "defaults\n"
             "  mode tcp\n"
             "  timeout connect 10s\n"
             "  timeout client 60s\n"
             "  timeout server 60s\n"
             "frontend tls\n"
             "  bind 127.0.0.1:" +
                 std::to_string(port_) + " ssl crt " + here +
                 "/both.pem\n"
                 "  default_backend proxy\n"
                 "backend proxy\n"
                 "  server only 127.0.0.1:" +
                 std::to_string(target) + '\n');
  set_command({program(), "-db", "-f", here + "/haproxy.cfg"});
}

}  // namespace okhttp::interop
