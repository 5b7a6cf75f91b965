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

using ServerAndScheme = std::tuple<ServerKind, Scheme>;

/// One body for several servers, over http and https.
class EachServerTest : public RealServerTest, public ::testing::WithParamInterface<ServerAndScheme> {
 protected:
  void SetUp() override { server_ = &RealServer::shared(kind()); }

  [[nodiscard]] static ServerKind kind() { return std::get<ServerKind>(GetParam()); }
  [[nodiscard]] static Scheme scheme() { return std::get<Scheme>(GetParam()); }
  [[nodiscard]] const RealServer& server() const { return *server_; }
  [[nodiscard]] std::string url(std::string_view path) const { return server_->url(scheme(), path); }
  /// On the port that closes idle connections.
  [[nodiscard]] std::string closing_url(std::string_view path) const {
    const ServerPorts& ports = server_->ports();
    return RealServer::url(scheme(), scheme() == Scheme::http ? ports.idle_close : ports.idle_close_tls, path);
  }

 private:
  RealServer* server_ = nullptr;
};

[[nodiscard]] inline std::string name_of(const ::testing::TestParamInfo<ServerAndScheme>& info) {
  return std::string(to_string(std::get<ServerKind>(info.param))) + "_" +
         std::string(to_string(std::get<Scheme>(info.param)));
}

[[nodiscard]] inline std::string name_of_server(const ::testing::TestParamInfo<ServerKind>& info) {
  return std::string(to_string(info.param));
}

inline const auto kBothSchemes = ::testing::Values(Scheme::http, Scheme::https);
inline const auto kAllServers =
    ::testing::Values(ServerKind::nginx, ServerKind::apache, ServerKind::caddy, ServerKind::node);

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
