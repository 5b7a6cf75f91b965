// Interceptors: one around the whole call that adds a header, one around each network request that logs it.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <iostream>
#include <utility>

namespace {

okhttp::Task<okhttp::Response> add_version(okhttp::Chain& chain) {
  okhttp::Request request = chain.request().new_builder().header("X-Client-Version", "7").build();
  co_return co_await chain.proceed(std::move(request));
}

okhttp::Task<okhttp::Response> log(okhttp::Chain& chain) {
  // to_string() leaves credentials out.
  std::cout << "--> " << chain.request().to_string() << '\n';
  okhttp::Response response = co_await chain.proceed(chain.request());
  std::cout << "<-- " << response.code() << " over connection #" << chain.connection()->id() << '\n';
  co_return response;
}

}  // namespace

int main() {
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse::Builder().code(302).set_header("Location", "/new").build());
  server.enqueue(okhttp::MockResponse("here it is"));

  const okhttp::Client client = okhttp::Client::Builder()
                                    .add_interceptor(add_version)  // runs once
                                    .add_network_interceptor(log)  // runs twice: the redirect is a request too
                                    .build();
  const okhttp::Response response = client.new_call(okhttp::Request::get(server.url("/old"))).execute();
  std::cout << response.body().string() << '\n';

  const auto first = server.take_request();
  const auto second = server.take_request();
  return first && second && second->target() == "/new" && second->header("X-Client-Version") == "7" ? 0 : 1;
}
