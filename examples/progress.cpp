// How far an upload and a download have come.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <cstdint>
#include <iostream>
#include <string>

namespace {

void show(const char* what, const okhttp::Progress& progress) {
  std::cout << what << ' ' << progress.transferred;
  if (progress.total) std::cout << " of " << *progress.total;
  std::cout << (progress.is_complete() ? " bytes, complete\n" : " bytes\n");
}

}  // namespace

int main() {
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse::Builder().generated_body(200'000).build());
  okhttp::Client client;

  bool is_sent = false;
  const auto upload = okhttp::with_progress(okhttp::RequestBody::create(std::string(150'000, 'x')),
                                            [&is_sent](const okhttp::Progress& progress) {
                                              show("sent", progress);
                                              is_sent = progress.is_complete();
                                            });
  const okhttp::Response response = client.post(server.url("/").to_string(), upload);

  bool is_received = false;
  const okhttp::Response watched = okhttp::with_progress(response, [&is_received](const okhttp::Progress& progress) {
    show("received", progress);
    is_received = progress.is_complete();
  });
  const std::uint64_t count = watched.body().skip(UINT64_MAX);
  return is_sent && is_received && count == 200'000 ? 0 : 1;
}
