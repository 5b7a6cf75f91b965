#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "interop/support/real_server.hpp"

namespace okhttp::interop {

/// The Debian package that brings the server.
[[nodiscard]] std::string package_of(ServerKind kind);
/// Its program; empty when it is not installed.
[[nodiscard]] std::filesystem::path find_program(ServerKind kind);
/// The command that runs it in the foreground with the configuration in `directory`.
[[nodiscard]] std::vector<std::string> command_of(ServerKind kind, const std::filesystem::path& program,
                                                  const ServerPorts& ports, const std::filesystem::path& directory);
/// The command that has the running one take on the configuration in `directory` anew; empty when that is a signal.
[[nodiscard]] std::vector<std::string> reload_command_of(ServerKind kind, const std::filesystem::path& program,
                                                         const std::filesystem::path& directory);
/// The signal that does so.
[[nodiscard]] int reload_signal_of(ServerKind kind) noexcept;
/// Writes what command_of() needs.
void write_configuration(ServerKind kind, const ServerPorts& ports, const std::filesystem::path& directory);

}  // namespace okhttp::interop
