#include "demo_server.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace demo {
namespace {

using okhttp::MockResponse;
using okhttp::RecordedRequest;

// One sentence 24 times over, as gzip makes of it.
constexpr unsigned char kCompressedPage[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0xed, 0xcc, 0xc1, 0x09, 0x80, 0x30, 0x10,
    0x44, 0xd1, 0x56, 0xa6, 0x00, 0xb1, 0x9a, 0x34, 0x10, 0xdd, 0xc1, 0x04, 0x34, 0x09, 0xbb, 0x41, 0x49,
    0xf7, 0x06, 0xcb, 0x90, 0x3d, 0xfd, 0xc3, 0x87, 0x17, 0x12, 0x61, 0xd4, 0x9b, 0x3a, 0x53, 0x3a, 0x7a,
    0xca, 0x86, 0x16, 0x0f, 0x62, 0xaf, 0x57, 0x53, 0x9a, 0x51, 0x16, 0xc4, 0x22, 0xf3, 0x10, 0x67, 0xde,
    0x34, 0xea, 0x80, 0x70, 0xaf, 0x42, 0x41, 0xee, 0xa8, 0xe5, 0x3b, 0x4f, 0x1c, 0x2b, 0x82, 0x63, 0x8e,
    0x39, 0xe6, 0x98, 0x63, 0x8e, 0xfd, 0x1b, 0x7b, 0x01, 0x3b, 0x0c, 0xc0, 0x11, 0x38, 0x07, 0x00, 0x00};

MockResponse answer(const RecordedRequest& request) {
  const std::string& target = request.target();
  if (request.method() == "POST" && target == "/notes") {
    return MockResponse(201, "noted: " + request.body());
  }
  if (target == "/greeting") return MockResponse("hello over TLS");
  if (target == "/old") {
    return MockResponse::Builder().code(302).set_header("Location", "/greeting").body("it moved").build();
  }
  if (target == "/page") {
    const auto bytes = std::as_bytes(std::span(kCompressedPage));
    return MockResponse::Builder()
        .body(std::vector<std::byte>(bytes.begin(), bytes.end()))
        .set_header("Content-Encoding", "gzip")
        .set_header("Content-Type", "text/plain; charset=utf-8")
        .build();
  }
  return MockResponse(404, "nothing here");
}

}  // namespace

DemoServer::DemoServer() : certificate_(okhttp::HeldCertificate::localhost()) {
  server_.use_https(certificate_);
  server_.set_dispatcher(answer);
  server_.start();
}

okhttp::TlsConfig DemoServer::client_tls() const {
  return okhttp::TlsConfig::Builder().system_trust(false).trust_certificates(certificate_.certificate_pem()).build();
}

}  // namespace demo
