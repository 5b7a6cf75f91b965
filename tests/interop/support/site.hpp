#pragma once

#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/tls.hpp>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace okhttp::interop {

/// Hexadecimal.
[[nodiscard]] std::string sha256(std::span<const std::byte> bytes);
[[nodiscard]] std::string sha256(std::string_view text);
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& file);

[[nodiscard]] std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, std::string_view content);

/// What all servers show, and the certificates that they show it with: made once a process, in a directory under the
/// system's temporary one that is removed at the end, unless a test failed.
class Site {
 public:
  static constexpr std::uint64_t kLargeSize = std::uint64_t{64} << 20;
  /// What /trailers answers with; the trailer X-Sum is its SHA-256.
  static constexpr std::string_view kTrailed = "with trailers";

  [[nodiscard]] static const Site& get();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;
  ~Site();

  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
  /// Holds the files "1k", "64m", "text", which is what compresses well, and "trailers".
  [[nodiscard]] std::filesystem::path documents() const { return directory_ / "documents"; }
  [[nodiscard]] const std::string& small() const noexcept { return small_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] const std::string& large_sha256() const noexcept { return large_sha256_; }

  /// The certificate authority that signed both of the others.
  [[nodiscard]] std::filesystem::path root_file() const { return directory_ / "root.pem"; }
  /// For localhost.
  [[nodiscard]] std::filesystem::path certificate_file() const { return directory_ / "localhost.pem"; }
  [[nodiscard]] std::filesystem::path key_file() const { return directory_ / "localhost.key"; }
  /// For a host that is not localhost.
  [[nodiscard]] std::filesystem::path other_certificate_file() const { return directory_ / "other.pem"; }
  [[nodiscard]] std::filesystem::path other_key_file() const { return directory_ / "other.key"; }
  /// Trusts root_file() alone.
  [[nodiscard]] const TlsConfig& trust() const noexcept { return trust_; }

 private:
  Site();
  void make_documents();
  void make_certificates();

  std::filesystem::path directory_;
  std::string small_;
  std::string text_;
  std::string large_sha256_;
  TlsConfig trust_;
};

}  // namespace okhttp::interop
