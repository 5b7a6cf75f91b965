#include "interop/support/server_configuration.hpp"

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string_view>

#include "interop/support/site.hpp"

namespace okhttp::interop {
namespace {

namespace fs = std::filesystem;

constexpr int kBigFields = 100;
constexpr std::size_t kBigFieldSize = 1000;

/// `text` with every @name@ replaced.
class Template {
 public:
  explicit Template(std::string_view text) : text_(text) {}

  Template& set(std::string_view name, const std::string& value) {
    const std::string mark = "@" + std::string(name) + "@";
    for (std::size_t at = text_.find(mark); at != std::string::npos; at = text_.find(mark, at + value.size())) {
      text_.replace(at, mark.size(), value);
    }
    return *this;
  }
  Template& set(std::string_view name, std::uint16_t value) { return set(name, std::to_string(value)); }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// A line for each of the fields of /big-headers.
std::string big_fields(std::string_view before_name, std::string_view after_value) {
  std::string lines;
  for (int i = 0; i < kBigFields; ++i) {
    lines += std::string(before_name) + " X-Big-" + std::to_string(i) + " " +
             std::string(kBigFieldSize, static_cast<char>('a' + i % 26)) + std::string(after_value) + "\n";
  }
  return lines;
}

Template& set_site(Template& text, const ServerPorts& ports, const fs::path& directory) {
  const Site& site = Site::get();
  return text.set("dir", directory.string())
      .set("documents", site.documents().string())
      .set("certificate", site.certificate_file().string())
      .set("key", site.key_file().string())
      .set("other_certificate", site.other_certificate_file().string())
      .set("other_key", site.other_key_file().string())
      .set("http", ports.http)
      .set("https", ports.https)
      .set("other_name", ports.other_name)
      .set("idle_close", ports.idle_close)
      .set("idle_close_tls", ports.idle_close_tls);
}

constexpr std::string_view kNginx = R"(
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
  ssl_certificate @certificate@;
  ssl_certificate_key @key@;
  ssl_protocols TLSv1.2 TLSv1.3;
  server {
    listen 127.0.0.1:@http@;
    listen 127.0.0.1:@https@ ssl;
    root @documents@;
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
    location /upload/ { root @dir@; dav_methods PUT DELETE; }
  }
  server {
    listen 127.0.0.1:@other_name@ ssl;
    root @documents@;
    ssl_certificate @other_certificate@;
    ssl_certificate_key @other_key@;
  }
  server {
    listen 127.0.0.1:@idle_close@;
    listen 127.0.0.1:@idle_close_tls@ ssl;
    root @documents@;
    gzip off;
    keepalive_timeout 1ms;
    location = /discard { return 204; }
  }
  @more@
}
)";

void write_nginx(const ServerPorts& ports, const fs::path& directory) {
  std::ostringstream more;
  for (std::size_t i = 0; i < ports.closes_after.size(); ++i) {
    more << "server { listen 127.0.0.1:" << ports.closes_after[i] << "; root " << Site::get().documents().string()
         << "; gzip off; keepalive_requests " << i + 1 << "; location = /discard { return 204; } }\n";
  }
  Template text(kNginx);
  set_site(text, ports, directory)
      .set("user", geteuid() == 0 ? "user root;" : "")
      .set("big", big_fields("add_header", ";"))
      .set("more", more.str());
  write_file(directory / "nginx.conf", text.text());
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
SSLSessionCache shmcb:@dir@/sessions(512000)
SSLCertificateFile @certificate@
SSLCertificateKeyFile @key@
Listen 127.0.0.1:@http@ http
Listen 127.0.0.1:@https@ https
Listen 127.0.0.1:@other_name@ https
Listen 127.0.0.1:@idle_close@ http
Listen 127.0.0.1:@idle_close_tls@ https
<VirtualHost 127.0.0.1:@https@>
  SSLEngine on
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
  KeepAliveTimeout 1ms
</VirtualHost>
@more@
)";

void write_apache(const ServerPorts& ports, const fs::path& directory) {
  std::ostringstream modules;
  for (const char* name : {"mpm_event", "authz_core", "alias", "headers", "filter", "deflate", "include", "dav",
                           "dav_fs", "setenvif", "socache_shmcb", "ssl"}) {
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
  Template text(kApache);
  set_site(text, ports, directory)
      .set("modules", modules.str())
      .set("user", geteuid() == 0 ? "User www-data\nGroup www-data" : "")
      .set("big", big_fields("Header set", ""))
      .set("more", more.str());
  write_file(directory / "apache.conf", text.text());
}

constexpr std::string_view kCaddy = R"({
  admin off
  auto_https off
  default_sni localhost
  log {
    level ERROR
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
    protocols h1
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
  respond /chunked "@text@" 200
  header /close Connection close
  rewrite /close /1k
  header /text Content-Type text/plain
  encode /text gzip
  route /big-headers {
@big@
    respond "big" 200
  }
  file_server
}
http://:@http@, http://:@idle_close@ {
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
  Template text(kCaddy);
  set_site(text, ports, directory).set("big", big_fields("    header", "")).set("text", Site::get().text());
  write_file(directory / "Caddyfile", text.text());
}

void write_node(const ServerPorts& ports, const fs::path& directory) {
  std::ostringstream after;
  for (std::size_t i = 0; i < ports.closes_after.size(); ++i) after << (i == 0 ? "" : ", ") << ports.closes_after[i];
  Template text(R"({
  "documents": "@documents@",
  "uploads": "@dir@/upload",
  "certificate": "@certificate@",
  "key": "@key@",
  "other_certificate": "@other_certificate@",
  "other_key": "@other_key@",
  "http": @http@,
  "https": @https@,
  "other_name": @other_name@,
  "idle_close": @idle_close@,
  "idle_close_tls": @idle_close_tls@,
  "closes_after": [@after@]
}
)");
  set_site(text, ports, directory).set("after", after.str());
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
      break;
  }
  return "nodejs";
}

fs::path find_program(ServerKind kind) {
  const std::string name = kind == ServerKind::node ? "node" : package_of(kind);
  const char* path = std::getenv("PATH");
  // Servers live where the PATH of a user who is not root may not lead.
  std::istringstream places(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/usr/bin:/usr/local/bin");
  for (std::string place; std::getline(places, place, ':');) {
    const fs::path program = fs::path(place) / name;
    if (!place.empty() && access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

std::vector<std::string> command_of(ServerKind kind, const fs::path& program, const fs::path& directory) {
  const std::string dir = directory.string();
  switch (kind) {
    case ServerKind::nginx:
      return {program, "-p", dir, "-e", "stderr", "-c", dir + "/nginx.conf"};
    case ServerKind::apache:
      return {program, "-d", dir, "-f", dir + "/apache.conf", "-DFOREGROUND"};
    case ServerKind::caddy:
      return {program, "run", "--config", dir + "/Caddyfile", "--adapter", "caddyfile"};
    case ServerKind::node:
      break;
  }
  const std::string script = std::string(OKHTTP_SOURCE_DIR) + "/tests/interop/support/node_server.js";
  return {program, "--max-http-header-size=262144", script, dir + "/node.json"};
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
  }
}

}  // namespace okhttp::interop
