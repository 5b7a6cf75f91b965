// How to test a program that makes calls: script the server, run the code, look at what the server received.

#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <iostream>
#include <string>

namespace {

/// The code under test: asks for a price, and asks once more when the shop is busy.
class Shop {
 public:
  Shop(okhttp::Client client, okhttp::Url base) : client_(std::move(client)), base_(std::move(base)) {}

  std::string price_of(const std::string& article) const {
    const okhttp::Url url =
        base_.new_builder().add_path_segment("price").add_query_parameter("article", article).build();
    for (int attempt = 0;; ++attempt) {
      const okhttp::Response response = client_.new_call(okhttp::Request::get(url)).execute();
      if (response.code() == 503 && attempt == 0) continue;
      response.throw_if_error();
      return response.body().string();
    }
  }

 private:
  okhttp::Client client_;
  okhttp::Url base_;
};

}  // namespace

int main() {
  // A server with TLS, whose certificate was made on the spot and which only this client trusts.
  const okhttp::HeldCertificate certificate = okhttp::HeldCertificate::localhost();
  okhttp::MockWebServer server;
  server.use_https(certificate);
  server.enqueue(okhttp::MockResponse(503));
  server.enqueue(okhttp::MockResponse("1.20"));
  const okhttp::Client client = okhttp::Client::Builder()
                                    .tls(okhttp::TlsConfig::Builder()
                                             .system_trust(false)
                                             .trust_certificates(certificate.certificate_pem())
                                             .build())
                                    .build();

  const std::string price = Shop(client, server.url("/")).price_of("milk & honey");

  const auto busy = server.take_request();
  const auto answered = server.take_request();
  const bool is_right =
      price == "1.20" && busy && answered && answered->target() == "/price?article=milk%20%26%20honey";
  std::cout << answered->request_line() << " -> " << price << '\n';
  return is_right ? 0 : 1;
}
