#include "interop/support/tls_server.hpp"

#include <unistd.h>

#include <filesystem>
#include <utility>

#include "interop/support/site.hpp"

namespace okhttp::interop {
namespace {

void write_certificates(const std::filesystem::path& directory, const HeldCertificate& certificate,
                        const HeldCertificate& clients) {
  write_file(directory / "chain.pem", certificate.chain_pem());
  write_file(directory / "key.pem", certificate.private_key_pem());
  write_file(directory / "clients.pem", clients.certificate_pem());
}

}  // namespace

OpensslServer::OpensslServer(const HeldCertificate& certificate, const HeldCertificate& clients,
                             const std::vector<std::string>& options)
    : ProxyServer("openssl", "openssl", "openssl"), port_(add_port()) {
  write_certificates(directory(), certificate, clients);
  const std::string here = directory().string();
  std::vector<std::string> command = {program(),
                                      "s_server",
                                      "-www",
                                      "-accept",
                                      "127.0.0.1:" + std::to_string(port_),
                                      "-cert",
                                      here + "/chain.pem",
                                      "-cert_chain",
                                      here + "/chain.pem",
                                      "-key",
                                      here + "/key.pem",
                                      "-CAfile",
                                      here + "/clients.pem"};
  command.insert(command.end(), options.begin(), options.end());
  set_command(std::move(command));
}

NginxTlsServer::NginxTlsServer(const HeldCertificate& certificate, const HeldCertificate& clients,
                               const std::string& directives)
    : ProxyServer("nginx-tls", "nginx", "nginx"), port_(add_port()) {
  write_certificates(directory(), certificate, clients);
  const std::string here = directory().string();
  write_file(directory() / "nginx.conf",
             std::string(::geteuid() == 0 ? "user root;\n" : "") +  //
                 "daemon off;\nworker_processes 1;\npid " + here +
                 "/nginx.pid;\nerror_log stderr;\n"
                 "events { worker_connections 64; }\n"
                 "http {\n"
                 "  access_log off;\n"
                 "  client_body_temp_path " +
                 here + "/body;\n  proxy_temp_path " + here + "/proxy;\n  fastcgi_temp_path " + here +
                 "/fastcgi;\n  uwsgi_temp_path " + here + "/uwsgi;\n  scgi_temp_path " + here +
                 "/scgi;\n"
                 "  server {\n"
                 "    listen 127.0.0.1:" +
                 std::to_string(port_) +
                 " ssl http2;\n"
                 "    root " +
                 Site::get().documents().string() + ";\n    ssl_certificate " + here +
                 "/chain.pem;\n    ssl_certificate_key " + here + "/key.pem;\n    ssl_client_certificate " + here +
                 "/clients.pem;\n    " + directives + "\n  }\n}\n");
  set_command({program(), "-p", here, "-e", "stderr", "-c", here + "/nginx.conf"});
}

}  // namespace okhttp::interop
