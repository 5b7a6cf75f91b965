#include "wire/tls_trust.hpp"

#include <okhttp/error.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "http/ascii.hpp"
#include "wire/openssl.hpp"
#include "wire/tls_error.hpp"

namespace okhttp::internal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDirectories[] = {"/etc/ssl/certs", "/etc/pki/tls/certs", "/system/etc/security/cacerts"};
constexpr const char* kBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora
    "/etc/pki/tls/certs/ca-bundle.crt",                   // older Fedora
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/etc/ssl/cert.pem",                                  // macOS, the BSDs
};

// "4a6481c9.0": the hash of a subject and a number.
bool is_hash_name(const std::string& name) noexcept {
  if (name.size() < 10 || name[8] != '.' || !is_digit(name[9])) return false;
  for (std::size_t i = 0; i < 8; ++i) {
    if (hex_value(name[i]) < 0) return false;
  }
  return true;
}

bool is_hashed_directory(const std::string& path) {
  std::error_code error;
  for (fs::directory_iterator entry(path, error); !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (is_hash_name(entry->path().filename().string())) return true;
  }
  return false;
}

bool is_file(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

std::vector<std::string> hashed_directories() {
  std::vector<std::string> candidates(std::begin(kDirectories), std::end(kDirectories));
  candidates.insert(candidates.begin(), X509_get_default_cert_dir());
  for (std::string& candidate : candidates) {
    if (is_hashed_directory(candidate)) return {std::move(candidate)};
  }
  return {};
}

std::vector<std::string> bundles() {
  std::vector<std::string> candidates(std::begin(kBundles), std::end(kBundles));
  candidates.insert(candidates.begin(), X509_get_default_cert_file());
  for (std::string& candidate : candidates) {
    if (is_file(candidate)) return {std::move(candidate)};
  }
  return {};
}

Error cannot_trust(const std::string& what) {
  return Error(Errc::tls_handshake, Blame::caller, what + ": " + TlsFailure::take().text());
}

}  // namespace

std::string environment_value(const char* name) {
#if defined(__GLIBC__)
  const char* value = ::secure_getenv(name);
#else
  const char* value = std::getenv(name);
#endif
  return value != nullptr ? value : "";
}

SystemTrust find_system_trust() {
  SystemTrust trust;
  // Each variable replaces its own half of the default, as OpenSSL's programs have it.
  const std::string directory = environment_value(X509_get_default_cert_dir_env());
  const std::string file = environment_value(X509_get_default_cert_file_env());
  if (directory.empty()) {
    trust.directories = hashed_directories();
  } else {
    trust.directories.push_back(directory);
  }
  if (!file.empty()) {
    trust.files.push_back(file);
  } else if (trust.directories.empty()) {
    trust.files = bundles();
  }
  return trust;
}

void trust_system(SSL_CTX* context, const SystemTrust& trust) {
  clear_tls_errors();
  for (const std::string& directory : trust.directories) trust_directory(context, directory);
  for (const std::string& file : trust.files) {
    if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
      throw cannot_trust("cannot use the CA certificates in '" + file + "'");
    }
  }
}

void trust_directory(SSL_CTX* context, const std::string& path) {
  if (SSL_CTX_load_verify_dir(context, path.c_str()) != 1)
    throw cannot_trust("cannot trust the directory '" + path + "'");
}

void trust_pem(SSL_CTX* context, std::string_view pem) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  const BioPtr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  int count = 0;
  while (const X509Ptr certificate{PEM_read_bio_X509_AUX(memory.get(), nullptr, nullptr, nullptr)}) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1) throw cannot_trust("cannot trust the given CA certificate");
    ++count;
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (count == 0 || !at_end) throw cannot_trust("the given CA certificates are damaged");
  ERR_clear_error();
}

}  // namespace okhttp::internal
