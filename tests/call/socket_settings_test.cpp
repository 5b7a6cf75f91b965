#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <okhttp/client.hpp>
#include <okhttp/error.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/sync_wait.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include "support/temporary_folder.hpp"
#include "support/unix_server.hpp"

namespace okhttp {
namespace {

std::optional<Errc> failure(const Client& client, const std::string& url) {
  try {
    (void)client.get(url).body().string();
  } catch (const Error& error) {
    return error.errc();
  }
  return std::nullopt;
}

TEST(SocketSettingsTest, AUnixSocketStandsForEveryHost) {
  const internal::TemporaryFolder folder;
  const std::string path = (folder.path() / "socket").string();
  const UnixServer server(path);
  const Client client = Client::Builder().unix_socket(path).build();
  for (const char* host : {"a.example", "nowhere.invalid", "10.0.0.1"}) {
    const std::string asked = client.get(std::string("http://") + host + "/path").body().string();
    EXPECT_TRUE(asked.starts_with("GET /path HTTP/1.1\r\n")) << asked;
    EXPECT_NE(asked.find(std::string("Host: ") + host + "\r\n"), std::string::npos) << asked;
  }
}

TEST(SocketSettingsTest, AUnixSocketServesTheLoopToo) {
  const internal::TemporaryFolder folder;
  const UnixServer server((folder.path() / "socket").string());
  const Client client = Client::Builder().unix_socket((folder.path() / "socket").string()).build();
  const auto get = [](Client from) -> Task<std::string> {
    Response response = co_await from.new_call(Request::get("http://a.example/"));
    std::string text = co_await response.body().async().string();
    co_return text;
  };
  EXPECT_TRUE(sync_wait(get(client)).starts_with("GET / "));
}

TEST(SocketSettingsTest, AUnixSocketThatIsNotThereIsNamedInTheFailure) {
  const Client client = Client::Builder().unix_socket("/nowhere/socket").build();
  try {
    (void)client.get("http://a.example/");
    FAIL() << "connected";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::connect_failed);
    EXPECT_EQ(error.system_error(), std::errc::no_such_file_or_directory);
    EXPECT_NE(std::string(error.what()).find("unix:/nowhere/socket"), std::string::npos) << error.what();
  }
}

TEST(SocketSettingsTest, PathsThatCannotBeAreRefused) {
  EXPECT_THROW(Client::Builder().unix_socket(std::string(108, 'x')), std::invalid_argument);
  EXPECT_THROW(Client::Builder().unix_socket(std::string("a\0b", 3)), std::invalid_argument);
  EXPECT_THROW((void)Client::Builder().unix_socket("/a").proxy(Proxy::parse("http://p.example")).build(),
               std::invalid_argument);
}

TEST(SocketSettingsTest, TheLocalAddressIsTheOneGiven) {
  MockWebServer server;
  server.start(IpAddress::loopback_v4());
  server.enqueue(MockResponse("done"));
  const IpAddress from = *IpAddress::parse("127.0.0.9");
  std::atomic<int> descriptor{-1};
  const Client client =
      Client::Builder().local_address(from).socket_options([&](int each) { descriptor = each; }).build();
  EXPECT_EQ(failure(client, server.url("/").to_string()), std::nullopt);
  sockaddr_in local{};
  socklen_t size = sizeof local;
  // The connection lies in the pool, so the descriptor is still open.
  ASSERT_EQ(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &size), 0);
  EXPECT_EQ(ntohl(local.sin_addr.s_addr), 0x7f000009U);
}

TEST(SocketSettingsTest, ALocalAddressOfAnotherFamilyReachesNothing) {
  MockWebServer server;
  server.start(IpAddress::loopback_v4());
  const Client client = Client::Builder().local_address(IpAddress::loopback_v6()).build();
  EXPECT_EQ(failure(client, "http://127.0.0.1:" + std::to_string(server.port()) + "/"), Errc::connect_failed);
}

TEST(SocketSettingsTest, AnInterfaceThatIsNotThereIsAFailure) {
  MockWebServer server;
  server.start(IpAddress::loopback_v4());
  const Client client = Client::Builder().local_interface("nowhere0").build();
  EXPECT_EQ(failure(client, "http://127.0.0.1:" + std::to_string(server.port()) + "/"), Errc::connect_failed);
}

TEST(SocketSettingsTest, OptionsAreSetBeforeConnecting) {
  MockWebServer server;
  server.start(IpAddress::loopback_v4());
  server.enqueue(MockResponse("done"));
  std::atomic<int> calls{0};
  const Client client = Client::Builder()
                            .socket_options([&](int descriptor) {
                              ++calls;
                              sockaddr_storage peer{};
                              socklen_t size = sizeof peer;
                              EXPECT_NE(::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size), 0);
                              const int on = 1;
                              EXPECT_EQ(::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on), 0);
                            })
                            .build();
  EXPECT_EQ(failure(client, server.url("/").to_string()), std::nullopt);
  EXPECT_EQ(calls, 1);
}

TEST(SocketSettingsTest, AnExceptionOutOfTheOptionsFailsTheAttempt) {
  MockWebServer server;
  server.start(IpAddress::loopback_v4());
  const std::string url = server.url("/").to_string();
  const Client client =
      Client::Builder()
          .socket_options([](int) { throw std::system_error(std::make_error_code(std::errc::permission_denied)); })
          .build();
  try {
    (void)client.get(url);
    FAIL() << "connected";
  } catch (const Error& error) {
    EXPECT_EQ(error.errc(), Errc::connect_failed);
    EXPECT_EQ(error.system_error(), std::errc::permission_denied);
  }
  const Client other = Client::Builder().socket_options([](int) { throw std::runtime_error("no"); }).build();
  EXPECT_EQ(failure(other, url), Errc::connect_failed);
  EXPECT_EQ(server.connection_count(), 0U);
}

}  // namespace
}  // namespace okhttp
