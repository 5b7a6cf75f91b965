#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "interop/support/real_server.hpp"

namespace okhttp::interop {

// The servers that are there for HTTP/2 alone.

[[nodiscard]] std::vector<std::string> nghttpd_command(const std::filesystem::path& program, const ServerPorts& ports);
void write_h2o(const ServerPorts& ports, const std::filesystem::path& directory);
/// `behind` is the server that HAProxy passes everything on to.
void write_haproxy(const ServerPorts& ports, const ServerPorts& behind, const std::filesystem::path& directory);

}  // namespace okhttp::interop
