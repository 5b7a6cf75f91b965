// A cache: the second answer comes from memory, the third is confirmed by the server without sending the body again.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <iostream>

int main() {
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse::Builder()
                     .body("the news")
                     .set_header("Cache-Control", "max-age=60")
                     .set_header("ETag", "\"1\"")
                     .build());
  server.enqueue(okhttp::MockResponse(304));

  const okhttp::Cache cache = okhttp::Cache::in_memory(10 << 20);
  const okhttp::Client client = okhttp::Client::Builder().cache(cache).build();
  const okhttp::Request request = okhttp::Request::get(server.url("/news"));
  const okhttp::Request confirmed =
      request.new_builder().cache_control(okhttp::CacheControl::Builder().no_cache().build()).build();

  for (const okhttp::Request& each : {request, request, confirmed}) {
    const okhttp::Response response = client.new_call(each).execute();
    std::cout << response.body().string() << ": " << (response.cache_response() != nullptr ? "stored" : "new")
              << (response.network_response() != nullptr ? ", the server was asked\n" : "\n");
  }
  std::cout << cache.hit_count() << " hits, " << server.request_count() << " requests\n";
  return cache.hit_count() == 2 && server.request_count() == 2 ? 0 : 1;
}
