// An upload of a file, which is read while it is sent.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

int main() {
  std::string folder = (std::filesystem::temp_directory_path() / "okhttp-recipe-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  const std::filesystem::path path = std::filesystem::path(folder) / "report.csv";
  std::ofstream(path) << "name,price\nmilk,1.20\n";

  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse(204));

  okhttp::Client client;
  const auto body = okhttp::RequestBody::file(path, okhttp::MediaType::parse("text/csv"));
  const okhttp::Response response = client.put(server.url("/report.csv").to_string(), body);
  std::cout << response.code() << ", sent " << std::filesystem::file_size(path) << " bytes\n";
  std::filesystem::remove_all(folder);

  const auto received = server.take_request();
  return response.code() == 204 && received && received->body() == "name,price\nmilk,1.20\n" ? 0 : 1;
}
