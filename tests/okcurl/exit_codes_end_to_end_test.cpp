// Each exit code: the program itself against a MockWebServer that fails the way it takes.

#include <okhttp/mockwebserver/held_certificate.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "okcurl/okcurl_process.hpp"
#include "support/codings.hpp"
#include "support/public_key_pem.hpp"

namespace okcurl {
namespace {

using okhttp::HeldCertificate;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::SocketEffect;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ExitCodesEndToEndTest : public ::testing::Test {
 protected:
  std::string url() { return server_.url("/").to_string(); }
  RunResult run(std::vector<std::string> arguments) {
    arguments.push_back(url());
    return okcurl(std::move(arguments));
  }
  int code(std::vector<std::string> arguments = {}) {
    const RunResult result = run(std::move(arguments));
    const std::string number = "okcurl: (" + std::to_string(result.exit_code) + ") ";
    EXPECT_THAT(result.err, StartsWith(number));
    return result.exit_code;
  }
  void enqueue(const MockResponse::Builder& response) { server_.enqueue(response.build()); }

  MockWebServer server_;
};

TEST_F(ExitCodesEndToEndTest, AnUnsupportedProtocolIs1) { EXPECT_EQ(okcurl({"ftp://localhost/"}).exit_code, 1); }

TEST_F(ExitCodesEndToEndTest, UsageIs2AndNamesTheOption) {
  const RunResult unknown = okcurl({"--preproxy", "http://p/", "http://h/"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_EQ(unknown.err,
            "okcurl: option --preproxy: is not supported\nokcurl: try 'okcurl --help' for more information\n");
  EXPECT_EQ(okcurl({}).exit_code, 2);
  EXPECT_EQ(okcurl({"-X", "NO SPACES", url()}).exit_code, 2);
}

TEST_F(ExitCodesEndToEndTest, AMalformedUrlIs3) { EXPECT_EQ(okcurl({"http://h:port/"}).exit_code, 3); }

TEST_F(ExitCodesEndToEndTest, AnUnknownHostIs6) { EXPECT_EQ(okcurl({"http://okcurl.invalid/"}).exit_code, 6); }

TEST_F(ExitCodesEndToEndTest, AClosedPortIs7) {
  const std::string closed = url();
  server_.close();
  EXPECT_EQ(okcurl({closed}).exit_code, 7);
}

TEST_F(ExitCodesEndToEndTest, AnInterfaceThatIsNotThereIs45) {
  EXPECT_EQ(code({"--interface", "nowhere0"}), 45);
  EXPECT_EQ(code({"--interface", "if!nowhere0"}), 45);
  EXPECT_EQ(code({"--interface", "192.0.2.77"}), 45);
  EXPECT_EQ(code({"--interface", "host!nowhere0"}), 45);
}

TEST_F(ExitCodesEndToEndTest, AnAnswerThatIsNotHttpIs8) {
  enqueue(MockResponse::Builder().raw("220 mail.example.com ready\r\n").on_response_end(SocketEffect::close_socket()));
  EXPECT_EQ(code(), 8);
}

TEST_F(ExitCodesEndToEndTest, AShortenedBodyIs18) {
  enqueue(MockResponse::Builder().body("0123456789").on_response_body(SocketEffect::close_socket()));
  const RunResult result = run({});
  EXPECT_EQ(result.exit_code, 18);
  EXPECT_EQ(result.out, "01234");
  enqueue(MockResponse::Builder().chunked_body("0123456789", 2).on_response_body(SocketEffect::close_socket()));
  EXPECT_EQ(code(), 18);
}

TEST_F(ExitCodesEndToEndTest, OutputThatCannotBeWrittenIs23) {
  for (int i = 0; i < 4; ++i) server_.enqueue(MockResponse("text"));
  EXPECT_EQ(code({"-o", "/nonexistent/file"}), 23);
  EXPECT_EQ(code({"-o", "/dev/full"}), 23);
  EXPECT_EQ(OkcurlProcess({url()}).output_to("/dev/full").run().exit_code, 23);
  EXPECT_EQ(OkcurlProcess({url()}).output_to_broken_pipe().run().exit_code, 23);
  EXPECT_EQ(code({"-O"}), 23);  // no name in the URL
  EXPECT_EQ(server_.request_count(), 4U);
}

TEST_F(ExitCodesEndToEndTest, DataThatCannotBeReadIs26) { EXPECT_EQ(code({"-d", "@/nonexistent/file"}), 26); }

TEST_F(ExitCodesEndToEndTest, TakingLongerThanMaxTimeIs28) {
  enqueue(MockResponse::Builder().on_response_start(SocketEffect::stall()));
  EXPECT_EQ(code({"-m", "0.1"}), 28);
  enqueue(MockResponse::Builder().body("0123456789").on_response_body(SocketEffect::stall()));
  EXPECT_EQ(code({"-m", "0.1"}), 28);
}

TEST_F(ExitCodesEndToEndTest, AHandshakeThatTakesLongerThanConnectTimeoutIs28) {
  server_.use_https(HeldCertificate::localhost());
  enqueue(MockResponse::Builder().on_request_start(SocketEffect::stall()));
  const RunResult result = run({"-k", "--connect-timeout", "0.1"});
  EXPECT_EQ(result.exit_code, 28);
  EXPECT_THAT(result.err, HasSubstr("Connection timed out after 100 milliseconds"));
}

TEST_F(ExitCodesEndToEndTest, ConnectTimeoutDoesNotBoundTheAnswer) {
  enqueue(MockResponse::Builder().header_delay(std::chrono::milliseconds(300)).body("slow"));
  EXPECT_EQ(run({"--connect-timeout", "0.2"}).out, "slow");
}

TEST_F(ExitCodesEndToEndTest, AFailedHandshakeIs35) {
  const std::string tls_url = "https://localhost:" + std::to_string(server_.port()) + "/";
  EXPECT_EQ(okcurl({tls_url}).exit_code, 35);  // a server that speaks clear text
}

TEST_F(ExitCodesEndToEndTest, AHandshakeThatTheServerRefusesIs35) {
  server_.use_https(HeldCertificate::localhost());
  enqueue(MockResponse::Builder().fail_handshake());
  EXPECT_EQ(code({"-k"}), 35);
}

TEST_F(ExitCodesEndToEndTest, AnEmptyReplyIs52) {
  enqueue(MockResponse::Builder().on_response_start(SocketEffect::close_socket()));
  EXPECT_EQ(code(), 52);
}

TEST_F(ExitCodesEndToEndTest, AResetIs56) {
  enqueue(MockResponse::Builder().on_response_start(SocketEffect::reset_socket()));
  EXPECT_EQ(code(), 56);
}

TEST_F(ExitCodesEndToEndTest, ADamagedCodingIs61) {
  enqueue(MockResponse::Builder().body("this is no gzip").set_header("Content-Encoding", "gzip"));
  EXPECT_EQ(code({"--compressed"}), 61);
  for (const auto& coding : okhttp::built_in_codings()) {
    const std::string coded = okhttp::encoded(*coding, "cut off");
    enqueue(
        MockResponse::Builder().body(coded.substr(0, coded.size() - 1)).set_header("Content-Encoding", coding->name()));
    EXPECT_EQ(code({"--compressed"}), 61) << coding->name();
  }
}

TEST_F(ExitCodesEndToEndTest, ACaFileThatIsNoneIs77) {
  server_.use_https(HeldCertificate::localhost());
  EXPECT_EQ(code({"--cacert", "/nonexistent/ca.pem"}), 77);
  const ScratchFolder folder;
  EXPECT_EQ(code({"--cacert", folder.write("ca.pem", "no certificate")}), 77);
}

TEST_F(ExitCodesEndToEndTest, AServerWithoutAPinnedKeyIs90) {
  const HeldCertificate held = HeldCertificate::localhost();
  server_.use_https(held);
  const ScratchFolder folder;
  const std::string ca = folder.write("ca.pem", held.certificate_pem());
  const auto curls = [](const std::string& pin) { return "sha256//" + pin.substr(sizeof "sha256/" - 1); };
  const std::string own = curls(held.certificate().pin());
  const std::string other = curls(HeldCertificate::localhost().certificate().pin());
  EXPECT_EQ(code({"--cacert", ca, "--pinnedpubkey", other}), 90);
  EXPECT_EQ(code({"-k", "--pinnedpubkey", other}), 90);
  EXPECT_EQ(code({"--cacert", ca, "--pinnedpubkey", folder.path_of("nothing")}), 90);
  EXPECT_EQ(code({"--cacert", ca, "--pinnedpubkey", ca}), 90) << "a certificate is no public key";
  EXPECT_EQ(server_.request_count(), 0U);
  EXPECT_EQ(code({"--pinnedpubkey", own + ";sha256//short"}), 2);
  EXPECT_EQ(code({"--pinnedpubkey", own + ";key.pem"}), 2);

  const std::string key = folder.write("key.pem", okhttp::public_key_pem(held));
  for (const std::string& pinned : {own, other + ';' + own, own + ';', key}) {
    enqueue(MockResponse::Builder().body("pinned"));
    EXPECT_EQ(run({"--cacert", ca, "--pinnedpubkey", pinned}).out, "pinned") << pinned;
  }
}

TEST_F(ExitCodesEndToEndTest, VersionHasCurlsLines) {
  const RunResult result = okcurl({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, StartsWith("okcurl "));
  EXPECT_THAT(result.out, HasSubstr("\nProtocols: http https\n"));
  EXPECT_THAT(result.out, HasSubstr("\nFeatures: "));
#ifdef OKHTTP_HAS_BROTLI
  EXPECT_THAT(result.out, HasSubstr(" brotli "));
#endif
#ifdef OKHTTP_HAS_ZSTD
  EXPECT_THAT(result.out, HasSubstr(" zstd\n"));
#endif
}

TEST_F(ExitCodesEndToEndTest, HelpNamesEveryOptionAndSaysWhatIsHidden) {
  const RunResult result = okcurl({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* option : {"-X",
                             "-H",
                             "-d",
                             "-o",
                             "-i",
                             "-I",
                             "-L",
                             "-v",
                             "-s",
                             "-k",
                             "--cacert",
                             "-A",
                             "-e",
                             "-u",
                             "-r",
                             "-f",
                             "-O",
                             "--data-binary",
                             "--compressed",
                             "--max-redirs",
                             "--http1.1",
                             "-m",
                             "--connect-timeout"}) {
    EXPECT_THAT(result.out, HasSubstr(option));
  }
  EXPECT_THAT(result.out, HasSubstr("<redacted>"));
}

}  // namespace
}  // namespace okcurl
