// A download: at once into a file, or piece by piece.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

int main() {
  std::string folder = (std::filesystem::temp_directory_path() / "okhttp-recipe-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  const std::filesystem::path path = std::filesystem::path(folder) / "large";

  constexpr std::uint64_t kSize = 4 << 20;
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse::Builder().generated_body(kSize).build());
  server.enqueue(okhttp::MockResponse::Builder().generated_body(kSize).build());
  okhttp::Client client;

  // The file appears under its name when all of it is there; a download that breaks off leaves nothing behind.
  const std::uint64_t saved = client.get(server.url("/large").to_string()).body().save_to(path);
  std::cout << "saved " << saved << " bytes\n";
  const bool is_whole = std::filesystem::file_size(path) == kSize;
  std::filesystem::remove_all(folder);

  // Piece by piece, with a buffer of one's own.
  const okhttp::Response response = client.get(server.url("/large").to_string());
  std::vector<std::byte> buffer(64 * 1024);
  std::uint64_t read = 0;
  while (const std::size_t count = response.body().read_some(buffer)) read += count;
  std::cout << "read " << read << " bytes\n";
  return is_whole && saved == kSize && read == kSize ? 0 : 1;
}
