#include "interop/support/site.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include <array>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <system_error>

namespace okhttp::interop {
namespace {

std::string hexadecimal(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::filesystem::path make_directory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "okhttp-interop-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
  // Servers that were started by root serve as somebody else.
  std::filesystem::permissions(pattern, std::filesystem::perms(0755));
  return pattern;
}

std::string make_text(std::size_t size) {
  std::string text;
  for (unsigned line = 0; text.size() < size; ++line) {
    text += "line " + std::to_string(line) + ": what is said often is written short\n";
  }
  text.resize(size);
  return text;
}

}  // namespace

std::string sha256(std::span<const std::byte> bytes) {
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 failed");
  }
  return hexadecimal(digest);
}

std::string sha256(std::string_view text) { return sha256(std::as_bytes(std::span(text.data(), text.size()))); }

std::string sha256_of_file(const std::filesystem::path& file) { return sha256(read_file(file)); }

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::string content(std::filesystem::file_size(file), '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  return content;
}

void write_file(const std::filesystem::path& file, std::string_view content) {
  std::ofstream out(file, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) throw std::runtime_error("cannot write " + file.string());
}

const Site& Site::get() {
  static const Site site;
  return site;
}

Site::Site() : directory_(make_directory()) {
  make_documents();
  make_certificates();
}

Site::~Site() {
  if (::testing::UnitTest::GetInstance()->Failed()) {
    std::cerr << "What the servers were told and what they said is kept in " << directory_.string() << "\n";
    return;
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Site::make_documents() {
  std::filesystem::create_directory(documents());
  std::mt19937_64 random(1);
  std::string large(kLargeSize, '\0');
  for (std::size_t i = 0; i < large.size(); i += sizeof(std::uint64_t)) {
    const std::uint64_t value = random();
    large.replace(i, sizeof value, reinterpret_cast<const char*>(&value), sizeof value);
  }
  large_sha256_ = sha256(large);
  write_file(documents() / "64m", large);
  small_ = make_text(1024);
  write_file(documents() / "1k", small_);
  text_ = make_text(100000);
  write_file(documents() / "text", text_);
  write_file(documents() / "trailers", kTrailed);
}

void Site::make_certificates() {
  const HeldCertificate root = HeldCertificate::Builder().common_name("interop root").certificate_authority(0).build();
  const HeldCertificate own = HeldCertificate::Builder()
                                  .add_subject_alternative_name("localhost")
                                  .add_subject_alternative_name("127.0.0.1")
                                  .signed_by(root)
                                  .build();
  const HeldCertificate other =
      HeldCertificate::Builder().add_subject_alternative_name("other.example").signed_by(root).build();
  write_file(root_file(), root.certificate_pem());
  write_file(certificate_file(), own.chain_pem());
  write_file(key_file(), own.private_key_pem());
  write_file(other_certificate_file(), other.chain_pem());
  write_file(other_key_file(), other.private_key_pem());
  trust_ = TlsConfig::Builder().system_trust(false).trust_certificates(root.certificate_pem()).build();
}

}  // namespace okhttp::interop
