#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "interop/support/real_server.hpp"

namespace okhttp::interop {

/// The text of a configuration, with every @name@ replaced.
class ConfigurationTemplate {
 public:
  explicit ConfigurationTemplate(std::string_view text) : text_(text) {}

  ConfigurationTemplate& set(std::string_view name, const std::string& value);
  ConfigurationTemplate& set(std::string_view name, std::uint16_t value) { return set(name, std::to_string(value)); }
  /// Sets what every server needs: its directory, the documents, the certificates, the ports.
  ConfigurationTemplate& set_site(const ServerPorts& ports, const std::filesystem::path& directory);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace okhttp::interop
