#include "interop/support/server_configuration.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "interop/support/configuration_template.hpp"
#include "interop/support/front_configuration.hpp"
#include "interop/support/site.hpp"
#include "places.hpp"

namespace okhttp::interop {
namespace {

namespace fs = std::filesystem;

constexpr int kBigFields = 100;
constexpr std::size_t kBigFieldSize = 1000;

/// A line for each of the fields of /big-headers.
std::string big_fields(std::string_view before_name, std::string_view after_value) {
  std::string lines;
  for (int i = 0; i < kBigFields; ++i) {
    lines += std::string(before_name) + " X-Big-" + std::to_string(i) + " " +
             std::string(kBigFieldSize, static_cast<char>('a' + i % 26)) + std::string(after_value) + "\n";
  }
  return lines;
}

constexpr std::string_view kNginxSite = R"(root @documents@;
location = /1k { gzip off; }
location = /64m { gzip off; }
location = /chunked { gzip off; ssi on; ssi_types *; alias @documents@/text; }
location = /until-close { gzip off; ssi on; ssi_types *; chunked_transfer_encoding off; alias @documents@/text; }
location = /redirect { absolute_redirect off; return 302 /1k; }
location = /absolute-redirect { return 302 /1k; }
location = /redirect-308 { return 308 /discard; }
location = /loop { return 302 /loop; }
location = /to-https { return 301 https://localhost:@https@/1k; }
location = /to-http { return 301 http://localhost:@http@/1k; }
location = /close { gzip off; keepalive_timeout 0; alias @documents@/1k; }
location = /discard { return 204; }
location = /big-headers { return 200 "big"; @big@ }
location = /limited { gzip off; limit_req zone=limited; limit_req_status 429; error_page 429 @limited; alias @documents@/1k; }
location @limited { add_header Retry-After 1 always; return 429; }
location /upload/ { root @dir@; dav_methods PUT DELETE; }
)";

constexpr std::string_view kNginx = R"(
@modules@
@user@
daemon off;
worker_processes 1;
pid @dir@/nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path @dir@/body;
  proxy_temp_path @dir@/proxy;
  fastcgi_temp_path @dir@/fastcgi;
  uwsgi_temp_path @dir@/uwsgi;
  scgi_temp_path @dir@/scgi;
  default_type text/plain;
  sendfile on;
  client_max_body_size 0;
  large_client_header_buffers 8 64k;
  keepalive_requests 1000000;
  gzip on;
  gzip_types *;
  @brotli@
  limit_req_zone $http_x_id zone=limited:1m rate=2r/s;  # a request without that field is not limited
  ssl_certificate @certificate@;
  ssl_certificate_key @key@;
  ssl_protocols TLSv1.2 TLSv1.3;
  server {
    listen 127.0.0.1:@http@;
    listen 127.0.0.1:@https@ ssl http2;
    include @dir@/site.conf;
  }
  server {
    listen 127.0.0.1:@h2c@ http2;
    sendfile off;  # with it, each small answer waits 40 ms for an acknowledgement of its head
    include @dir@/site.conf;
  }
  server {
    listen 127.0.0.1:@other_name@ ssl;
    root @documents@;
    ssl_certificate @other_certificate@;
    ssl_certificate_key @other_key@;
  }
  server {
    listen 127.0.0.1:@idle_close@;
    listen 127.0.0.1:@idle_close_tls@ ssl http2;
    root @documents@;
    gzip off;
    keepalive_timeout 1ms;
    location = /discard { return 204; }
  }
  server {
    listen 127.0.0.1:@goes_away@ ssl http2;
    root @documents@;
    gzip off;
    keepalive_requests 100;
    location = /discard { return 204; }
  }
  @more@
}
)";

const fs::path kNginxBrotli = "/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so";

void write_nginx(const ServerPorts& ports, const fs::path& directory) {
  std::ostringstream more;
  for (std::size_t i = 0; i < ports.closes_after.size(); ++i) {
    more << "server { listen 127.0.0.1:" << ports.closes_after[i] << "; root " << Site::get().documents().string()
         << "; gzip off; keepalive_requests " << i + 1 << "; location = /discard { return 204; } }\n";
  }
  ConfigurationTemplate text(kNginx);
  const bool has_brotli = fs::exists(kNginxBrotli);
  text.set_site(ports, directory)
      .set("modules", has_brotli ? "load_module " + kNginxBrotli.string() + ";" : "")
      .set("brotli", has_brotli ? "brotli on; brotli_types *;" : "")
      .set("user", geteuid() == 0 ? "user root;" : "")
      .set("more", more.str());
  write_file(directory / "nginx.conf", text.text());
  ConfigurationTemplate site(kNginxSite);
  site.set_site(ports, directory).set("big", big_fields("add_header", ";"));
  write_file(directory / "site.conf", site.text());
}

constexpr std::string_view kApache = R"(
ServerRoot @dir@
DefaultRuntimeDir @dir@
PidFile @dir@/apache.pid
ErrorLog @dir@/output.log
ServerName localhost
@modules@
@user@
StartServers 1
ServerLimit 2
ThreadsPerChild 25
MaxRequestWorkers 50
MinSpareThreads 1
MaxSpareThreads 50
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
LimitRequestFieldSize 65536
EnableSendfile On
EnableMMAP Off
DavLockDB @dir@/locks
DocumentRoot @documents@
<Directory @documents@>
  Require all granted
  Options +Includes
</Directory>
<Directory @dir@/upload>
  Require all granted
  Dav On
</Directory>
Alias /upload @dir@/upload
Alias /chunked @documents@/text
Alias /until-close @documents@/text
Alias /close @documents@/1k
Alias /big-headers @documents@/1k
Alias /http10/1k @documents@/1k
Alias /http10/until-close @documents@/text
Redirect 302 /redirect /1k
Redirect 302 /absolute-redirect /1k
Redirect 308 /redirect-308 /discard
Redirect 302 /loop /loop
Redirect 301 /to-https https://localhost:@https@/1k
Redirect 301 /to-http http://localhost:@http@/1k
Redirect 204 /discard
SetEnvIf Request_URI "^/close$" nokeepalive
SetEnvIf Request_URI "^/until-close$" nokeepalive downgrade-1.0
SetEnvIf Request_URI "^/http10/" downgrade-1.0 force-response-1.0
<Location /text>
  AddOutputFilterByType DEFLATE text/plain
  ForceType text/plain
</Location>
<LocationMatch "^/(chunked|until-close|http10/until-close)$">
  SetOutputFilter INCLUDES
</LocationMatch>
<Location /big-headers>
@big@
</Location>
Alias /basic @documents@/1k
Alias /digest @documents@/1k
<Location /basic>
  AuthType Basic
  AuthName "the basic part"
  AuthUserFile @dir@/basic.users
  Require valid-user
</Location>
<Location /digest>
  AuthType Digest
  AuthName "the digest part"
  AuthDigestProvider file
  AuthUserFile @dir@/digest.users
  Require valid-user
</Location>
SSLSessionCache shmcb:@dir@/sessions(512000)
SSLCertificateFile @certificate@
SSLCertificateKeyFile @key@
Listen 127.0.0.1:@http@ http
Listen 127.0.0.1:@https@ https
Listen 127.0.0.1:@h2c@ http
Listen 127.0.0.1:@other_name@ https
Listen 127.0.0.1:@idle_close@ http
Listen 127.0.0.1:@idle_close_tls@ https
<VirtualHost 127.0.0.1:@https@>
  SSLEngine on
  Protocols h2 http/1.1
</VirtualHost>
<VirtualHost 127.0.0.1:@h2c@>
  Protocols h2c
</VirtualHost>
<VirtualHost 127.0.0.1:@other_name@>
  SSLEngine on
  SSLCertificateFile @other_certificate@
  SSLCertificateKeyFile @other_key@
</VirtualHost>
<VirtualHost 127.0.0.1:@idle_close@>
  KeepAliveTimeout 1ms
</VirtualHost>
<VirtualHost 127.0.0.1:@idle_close_tls@>
  SSLEngine on
  Protocols h2 http/1.1
  KeepAliveTimeout 1ms
</VirtualHost>
@more@
)";

void write_apache(const ServerPorts& ports, const fs::path& directory) {
  std::ostringstream modules;
  for (const char* name :
       {"mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "auth_digest", "alias",
        "headers", "filter", "deflate", "include", "dav", "dav_fs", "http2", "setenvif", "socache_shmcb", "ssl"}) {
    modules << "LoadModule " << name << "_module /usr/lib/apache2/modules/mod_" << name << ".so\n";
  }
  std::ostringstream more;
  for (std::size_t i = 0; i < ports.closes_after.size(); ++i) {
    more << "Listen 127.0.0.1:" << ports.closes_after[i] << " http\n<VirtualHost 127.0.0.1:" << ports.closes_after[i]
         << ">\n  ";
    // Apache counts the uses after the first, and takes 0 for any number of them.
    if (i == 0) {
      more << "KeepAlive Off";
    } else {
      more << "MaxKeepAliveRequests " << i;
    }
    more << "\n</VirtualHost>\n";
  }
  ConfigurationTemplate text(kApache);
  text.set_site(ports, directory)
      .set("modules", modules.str())
      .set("user", geteuid() == 0 ? "User www-data\nGroup www-data" : "")
      .set("big", big_fields("Header set", ""))
      .set("more", more.str());
  write_file(directory / "apache.conf", text.text());
  // As htpasswd -nbs and htdigest write them: SHA-1 of the password, and MD5 of "jane:the digest part:open sesame".
  write_file(directory / "basic.users", "jane:{SHA}W8r/fyL/UzygmbNAjq2HbA67qac=\n");
  write_file(directory / "digest.users", "jane:the digest part:e8e36428221b4495dbe2c38cb65ab009\n");
}

constexpr std::string_view kCaddy = R"({
  admin unix/@dir@/admin.socket
  auto_https off
  default_sni localhost
  log {
    level ERROR
  }
  servers 127.0.0.1:@https@ {
    protocols h1 h2
  }
  servers 127.0.0.1:@h2c@ {
    protocols h1 h2c
  }
  servers {
    protocols h1
  }
  servers 127.0.0.1:@idle_close@ {
    protocols h1
    timeouts {
      idle 1ms
    }
  }
  servers 127.0.0.1:@idle_close_tls@ {
    protocols h1 h2
    timeouts {
      idle 1ms
    }
  }
}
(site) {
  bind 127.0.0.1
  root * @documents@
  redir /redirect /1k 302
  redir /absolute-redirect {scheme}://localhost:{http.request.port}/1k 302
  redir /redirect-308 /discard 308
  redir /loop /loop 302
  redir /to-https https://localhost:@https@/1k 301
  redir /to-http http://localhost:@http@/1k 301
  respond /discard 204
  respond /echo {http.request.body} 200
  respond /chunked "@text@" 200
  header /close Connection close
  rewrite /close /1k
  header /text Content-Type text/plain
  encode /text zstd gzip
  route /big-headers {
@big@
    respond "big" 200
  }
  file_server
}
http://:@http@, http://:@h2c@, http://:@idle_close@ {
  import site
}
https://:@https@, https://:@idle_close_tls@ {
  import site
  tls @certificate@ @key@
}
https://:@other_name@ {
  import site
  tls @other_certificate@ @other_key@
}
)";

void write_caddy(const ServerPorts& ports, const fs::path& directory) {
  ConfigurationTemplate text(kCaddy);
  text.set_site(ports, directory).set("big", big_fields("    header", "")).set("text", Site::get().text());
  write_file(directory / "Caddyfile", text.text());
}

void write_node(const ServerPorts& ports, const fs::path& directory) {
  std::ostringstream after;
  for (std::size_t i = 0; i < ports.closes_after.size(); ++i) after << (i == 0 ? "" : ", ") << ports.closes_after[i];
  ConfigurationTemplate text(R"({
  "documents": "@documents@",
  "uploads": "@dir@/upload",
  "certificate": "@certificate@",
  "key": "@key@",
  "other_certificate": "@other_certificate@",
  "other_key": "@other_key@",
  "http": @http@,
  "https": @https@,
  "other_name": @other_name@,
  "h2c": @h2c@,
  "goes_away": @goes_away@,
  "idle_close": @idle_close@,
  "idle_close_tls": @idle_close_tls@,
  "closes_after": [@after@]
}
)");
  text.set_site(ports, directory).set("after", after.str());
  write_file(directory / "node.json", text.text());
}

}  // namespace

std::string package_of(ServerKind kind) {
  switch (kind) {
    case ServerKind::nginx:
      return "nginx";
    case ServerKind::apache:
      return "apache2";
    case ServerKind::caddy:
      return "caddy";
    case ServerKind::node:
      return "nodejs";
    case ServerKind::nghttpd:
      return "nghttp2-server";
    case ServerKind::h2o:
      return "h2o";
    case ServerKind::haproxy:
      break;
  }
  return "haproxy";
}

fs::path find_program(ServerKind kind) {
  const std::string name = kind == ServerKind::apache ? "apache2" : std::string(to_string(kind));
  const char* path = std::getenv("PATH");
  // Servers live where the PATH of a user who is not root may not lead.
  std::istringstream places(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/usr/bin:/usr/local/bin");
  for (std::string place; std::getline(places, place, ':');) {
    const fs::path program = fs::path(place) / name;
    if (!place.empty() && access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

std::vector<std::string> command_of(ServerKind kind, const fs::path& program, const ServerPorts& ports,
                                    const fs::path& directory) {
  const std::string dir = directory.string();
  switch (kind) {
    case ServerKind::nginx:
      return {program, "-p", dir, "-e", "stderr", "-c", dir + "/nginx.conf"};
    case ServerKind::apache:
      return {program, "-d", dir, "-f", dir + "/apache.conf", "-DFOREGROUND"};
    case ServerKind::caddy:
      return {program, "run", "--config", dir + "/Caddyfile", "--adapter", "caddyfile"};
    case ServerKind::nghttpd:
      return nghttpd_command(program, ports);
    case ServerKind::h2o:
      return {program, "-m", "master", "-c", dir + "/h2o.conf"};
    case ServerKind::haproxy:
      return {program, "-W", "-f", dir + "/haproxy.cfg"};
    case ServerKind::node:
      break;
  }
  const std::string script = std::string(OKHTTP_SOURCE_DIR) + "/tests/interop/support/node_server.js";
  return {program, "--max-http-header-size=262144", script, dir + "/node.json"};
}

std::vector<std::string> reload_command_of(ServerKind kind, const fs::path& program, const fs::path& directory) {
  if (kind != ServerKind::caddy) return {};
  return {program, "reload", "--force", "--config", directory.string() + "/Caddyfile", "--adapter", "caddyfile"};
}

int reload_signal_of(ServerKind kind) noexcept {
  if (kind == ServerKind::apache) return SIGUSR1;
  return kind == ServerKind::haproxy ? SIGUSR2 : SIGHUP;
}

void write_configuration(ServerKind kind, const ServerPorts& ports, const fs::path& directory) {
  switch (kind) {
    case ServerKind::nginx:
      return write_nginx(ports, directory);
    case ServerKind::apache:
      return write_apache(ports, directory);
    case ServerKind::caddy:
      return write_caddy(ports, directory);
    case ServerKind::node:
      return write_node(ports, directory);
    case ServerKind::nghttpd:
      return;
    case ServerKind::h2o:
      return write_h2o(ports, directory);
    case ServerKind::haproxy:
      return write_haproxy(ports, RealServer::shared(ServerKind::node).ports(), directory);
  }
}

}  // namespace okhttp::interop
