#include "interop/support/configuration_template.hpp"

#include "interop/support/site.hpp"

namespace okhttp::interop {

ConfigurationTemplate& ConfigurationTemplate::set(std::string_view name, const std::string& value) {
  const std::string mark = "@" + std::string(name) + "@";
  for (std::size_t at = text_.find(mark); at != std::string::npos; at = text_.find(mark, at + value.size())) {
    text_.replace(at, mark.size(), value);
  }
  return *this;
}

ConfigurationTemplate& ConfigurationTemplate::set_site(const ServerPorts& ports,
                                                       const std::filesystem::path& directory) {
  const Site& site = Site::get();
  return set("dir", directory.string())
      .set("documents", site.documents().string())
      .set("certificate", site.certificate_file().string())
      .set("key", site.key_file().string())
      .set("other_certificate", site.other_certificate_file().string())
      .set("other_key", site.other_key_file().string())
      .set("http", ports.http)
      .set("https", ports.https)
      .set("h2c", ports.h2c)
      .set("other_name", ports.other_name)
      .set("idle_close", ports.idle_close)
      .set("idle_close_tls", ports.idle_close_tls)
      .set("goes_away", ports.goes_away);
}

}  // namespace okhttp::interop
