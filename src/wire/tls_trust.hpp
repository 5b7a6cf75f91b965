#pragma once

#include <openssl/ssl.h>

#include <string>
#include <string_view>
#include <vector>

namespace okhttp::internal {

/// Where the system keeps the CA certificates that it trusts.
struct SystemTrust {
  std::vector<std::string> files;
  std::vector<std::string> directories;  // hashed: certificates are loaded when they are asked for
};

/// Looks at the environment and the file system. The bundle file is only named where no hashed directory is: reading
/// its 140 certificates takes some 20 ms.
[[nodiscard]] SystemTrust find_system_trust();

/// Adds trust to a context. They throw Error when something named by the caller cannot be used.
void trust_system(SSL_CTX* context, const SystemTrust& trust);
void trust_directory(SSL_CTX* context, const std::string& path);
void trust_pem(SSL_CTX* context, std::string_view pem);

/// The variable's value, or empty; never in a program that runs with raised privileges.
[[nodiscard]] std::string environment_value(const char* name);

}  // namespace okhttp::internal
