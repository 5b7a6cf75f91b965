#include "interop/support/front_configuration.hpp"

#include <unistd.h>

#include <string_view>

#include "interop/support/configuration_template.hpp"
#include "interop/support/site.hpp"

namespace okhttp::interop {
namespace {

constexpr std::string_view kH2o = R"(
@user@
pid-file: @dir@/h2o.pid
num-threads: 1
listen:
  host: 127.0.0.1
  port: @https@
  ssl:
    certificate-file: @certificate@
    key-file: @key@
    minimum-version: TLSv1.2
listen:
  host: 127.0.0.1
  port: @h2c@
hosts:
  default:
    paths:
      /:
        file.dir: @documents@
      /discard:
        mruby.handler: Proc.new { |env| [204, {}, []] }
      /echo:
        mruby.handler: |
          Proc.new do |env|
            body = env["rack.input"]
            [200, {"content-type" => "text/plain"}, [body ? body.read : ""]]
          end
)";

// The new process takes over the listening sockets through the socket of the old one, so that none of the connections
// waiting to be accepted is lost.
constexpr std::string_view kHaproxy = R"(
global
  stats socket @dir@/haproxy.socket mode 600 level admin expose-fd listeners
  nbthread 2
defaults
  mode http
  timeout connect 10s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend tls
  bind 127.0.0.1:@https@ ssl crt @dir@/localhost.pem alpn h2,http/1.1
  default_backend behind
frontend clear
  bind 127.0.0.1:@h2c@ proto h2
  default_backend behind
backend behind
  server behind 127.0.0.1:@behind@
)";

}  // namespace

std::vector<std::string> nghttpd_command(const std::filesystem::path& program, const ServerPorts& ports) {
  const Site& site = Site::get();
  return {program,
          "--address=127.0.0.1",
          "--htdocs=" + site.documents().string(),
          "--echo-upload",
          "--trailer=x-sum: " + sha256(Site::kTrailed),
          std::to_string(ports.https),
          site.key_file(),
          site.certificate_file()};
}

void write_h2o(const ServerPorts& ports, const std::filesystem::path& directory) {
  ConfigurationTemplate text(kH2o);
  text.set_site(ports, directory).set("user", geteuid() == 0 ? "user: root" : "");
  write_file(directory / "h2o.conf", text.text());
}

void write_haproxy(const ServerPorts& ports, const ServerPorts& behind, const std::filesystem::path& directory) {
  const Site& site = Site::get();
  write_file(directory / "localhost.pem", read_file(site.certificate_file()) + read_file(site.key_file()));
  ConfigurationTemplate text(kHaproxy);
  text.set_site(ports, directory).set("behind", behind.http);
  write_file(directory / "haproxy.cfg", text.text());
}

}  // namespace okhttp::interop
