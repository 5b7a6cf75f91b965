#pragma once

#include <okhttp/okhttp.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "interop/support/real_server.hpp"
#include "interop/support/site.hpp"

namespace okhttp::interop {

/// Counts what a client does.
class Tally final : public EventListener {
 public:
  void connect_end(const Call&, AttemptId, const Endpoint&, Protocol) override { ++connections_; }
  void retry_decision(const Call&, const Error&, bool retry) override { retries_ += retry ? 1 : 0; }
  void informational(const Call&, int code, const Headers& headers) override {
    const std::lock_guard lock(mutex_);
    informational_.emplace_back(code, headers);
  }

  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] int retries() const { return retries_; }
  [[nodiscard]] std::vector<std::pair<int, Headers>> informational() const {
    const std::lock_guard lock(mutex_);
    return informational_;
  }

 private:
  std::atomic<int> connections_{0};
  std::atomic<int> retries_{0};
  mutable std::mutex mutex_;
  std::vector<std::pair<int, Headers>> informational_;
};

/// A client that trusts the site's root, with a tally of all its calls.
class RealServerTest : public ::testing::Test {
 protected:
  [[nodiscard]] Client::Builder client_builder() const {
    Client::Builder builder;
    builder.tls(Site::get().trust()).event_listener(tally_);
    return builder;
  }

  std::shared_ptr<Tally> tally_ = std::make_shared<Tally>();
  Client client_ = client_builder().build();
};

/// What a client is told to speak, so that it speaks to a server in that way.
[[nodiscard]] inline std::vector<Protocol> protocols_of(Way way) {
  if (way == Way::h2c) return {Protocol::h2_prior_knowledge};
  if (way == Way::h2) return {Protocol::http_2, Protocol::http_1_1};
  return {Protocol::http_1_1};
}

using ServerAndWay = std::tuple<ServerKind, Way>;

/// One body for several servers and the ways to speak to them.
class EachServerTest : public RealServerTest, public ::testing::WithParamInterface<ServerAndWay> {
 protected:
  void SetUp() override {
    server_ = &RealServer::shared(kind());
    client_ = client_builder().build();
  }

  [[nodiscard]] Client::Builder client_builder() const {
    Client::Builder builder = RealServerTest::client_builder();
    builder.protocols(protocols_of(way()));
    return builder;
  }
  [[nodiscard]] static ServerKind kind() { return std::get<ServerKind>(GetParam()); }
  [[nodiscard]] static Way way() { return std::get<Way>(GetParam()); }
  [[nodiscard]] static Scheme scheme() { return scheme_of(way()); }
  [[nodiscard]] static bool over_http2() { return is_http2(way()); }
  [[nodiscard]] const RealServer& server() const { return *server_; }
  [[nodiscard]] std::string url(std::string_view path) const { return server_->url(way(), path); }
  /// On the port that closes idle connections.
  [[nodiscard]] std::string closing_url(std::string_view path) const {
    const ServerPorts& ports = server_->ports();
    return RealServer::url(scheme(), scheme() == Scheme::http ? ports.idle_close : ports.idle_close_tls, path);
  }

 private:
  RealServer* server_ = nullptr;
};

[[nodiscard]] inline std::string to_string(const ServerAndWay& pair) {
  return std::string(to_string(std::get<ServerKind>(pair))) + "_" + std::string(to_string(std::get<Way>(pair)));
}

[[nodiscard]] inline std::string name_of(const ::testing::TestParamInfo<ServerAndWay>& info) {
  return to_string(info.param);
}

[[nodiscard]] inline std::string name_of_server(const ::testing::TestParamInfo<ServerKind>& info) {
  return std::string(to_string(info.param));
}

inline const auto kHttp1Ways = ::testing::Values(Way::http, Way::https);
inline const auto kHttp2Ways = ::testing::Values(Way::h2c, Way::h2);
inline const auto kAllWays = ::testing::Values(Way::http, Way::https, Way::h2c, Way::h2);
/// All but HTTP/2 in clear text, for what costs time, or that it cannot.
inline const auto kWaysButH2c = ::testing::Values(Way::http, Way::https, Way::h2);
/// Those that serve the whole site, in all ways.
inline const auto kAllServers =
    ::testing::Values(ServerKind::nginx, ServerKind::apache, ServerKind::caddy, ServerKind::node);
/// Those that are there for HTTP/2 alone, with the ways that they know.
inline const auto kFronts =
    ::testing::Values(ServerAndWay(ServerKind::nghttpd, Way::h2), ServerAndWay(ServerKind::h2o, Way::h2c),
                      ServerAndWay(ServerKind::h2o, Way::h2), ServerAndWay(ServerKind::haproxy, Way::h2c),
                      ServerAndWay(ServerKind::haproxy, Way::h2));

/// The error that `call` fails with; fails the test when it succeeds.
[[nodiscard]] inline Errc failure_of(const Call& call) {
  try {
    const Response response = call.execute();
    static_cast<void>(response.body().bytes());
  } catch (const Error& error) {
    return error.errc();
  }
  ADD_FAILURE() << "the call succeeded";
  return Errc{};
}

}  // namespace okhttp::interop
