// A form with a file, as a browser submits it.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <iostream>

int main() {
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse("thank you"));

  const auto picture = okhttp::RequestBody::create("the bytes of a picture", okhttp::MediaType::parse("image/png"));
  const auto form = okhttp::MultipartBody::Builder()
                        .add_form_data_part("title", "A square")
                        .add_form_data_part("image", "square.png", picture)  // RequestBody::file() reads from disk
                        .build();
  okhttp::Client client;
  const okhttp::Response response = client.post(server.url("/pictures").to_string(), form);
  std::cout << response.body().string() << '\n';

  const auto received = server.take_request();
  if (!received) return 1;
  std::cout << received->body() << '\n';
  return received->body().find("filename=\"square.png\"") != std::string::npos ? 0 : 1;
}
