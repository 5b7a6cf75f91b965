#pragma once

#include <okhttp/client.hpp>
#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/protocol.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "support/call_styles.hpp"
#include "support/fronts.hpp"

namespace okhttp {

// A behavioural test runs over HTTP/1.1 and HTTP/2, with one body:
//
//     class GreetingTest : public ProtocolTest<Front> {};
//     INSTANTIATE_TEST_SUITE_P(Protocols, GreetingTest, over_both_protocols(all_fronts()), ParameterName());
//     TEST_P(GreetingTest, IsReceived) { ... server_.enqueue(...); start(how(), client_.new_call(...)) ... }
//
// ProtocolTest<> has the protocol alone as its parameter, both_protocols(). What is about HTTP/1.1 alone is in a
// fixture whose name says so, and is instantiated with over_http_1_1().

/// A server and clients that speak one protocol, and what is different over it.
class OverProtocol {
 protected:
  explicit OverProtocol(Protocol protocol) : protocol_(protocol), client_(builder().build()) { speak(server_); }

  [[nodiscard]] bool is_http_2() const noexcept { return protocol_ != Protocol::http_1_1; }
  /// Of a client that speaks it.
  [[nodiscard]] Client::Builder builder() const {
    Client::Builder made;
    if (protocol_ != Protocol::http_2) made.protocols({protocol_});
    return made;
  }
  /// Has a server speak it, one that has not been started. Protocol::http_2 is agreed upon in TLS by itself.
  void speak(MockWebServer& server) const {
    if (protocol_ == Protocol::h2_prior_knowledge) server.set_protocols({protocol_});
  }

  // RFC 9113 §5: requests have streams. RFC 9112 §9.3: they have the connection, one after another.

  /// The connections that are left of one on which an exchange was given up.
  [[nodiscard]] std::size_t left_after_giving_up() const noexcept { return is_http_2() ? 1 : 0; }
  /// The Transfer-Encoding of a request body of unknown length. RFC 9113 §8.2.2: HTTP/2 has none.
  [[nodiscard]] std::optional<std::string_view> unknown_length_coding() const noexcept {
    if (is_http_2()) return std::nullopt;
    return "chunked";
  }

  const Protocol protocol_;
  MockWebServer server_;
  Client client_;
};

template <class How = void>
class ProtocolTest : public ::testing::TestWithParam<std::tuple<Protocol, How>>, protected OverProtocol {
 protected:
  ProtocolTest() : OverProtocol(std::get<Protocol>(this->GetParam())) {}
  [[nodiscard]] static How how() { return std::get<How>(ProtocolTest::GetParam()); }
};

template <>
class ProtocolTest<void> : public ::testing::TestWithParam<Protocol>, protected OverProtocol {
 protected:
  ProtocolTest() : OverProtocol(GetParam()) {}
};

inline auto both_protocols() { return ::testing::Values(Protocol::http_1_1, Protocol::h2_prior_knowledge); }
/// For tests that have their server use TLS.
inline auto both_protocols_by_alpn() { return ::testing::Values(Protocol::http_1_1, Protocol::http_2); }

template <class Hows>
auto over_both_protocols(Hows hows) {
  return ::testing::Combine(both_protocols(), hows);
}
template <class Hows>
auto over_both_protocols_by_alpn(Hows hows) {
  return ::testing::Combine(both_protocols_by_alpn(), hows);
}
template <class Hows>
auto over_http_1_1(Hows hows) {
  return ::testing::Combine(::testing::Values(Protocol::http_1_1), hows);
}

inline std::string name_of(Protocol protocol) {
  if (protocol == Protocol::http_1_1) return "http_1_1";
  return protocol == Protocol::http_2 ? "h2" : "h2_prior_knowledge";
}

template <class First, class Second>
std::string name_of(const std::tuple<First, Second>& both) {
  return name_of(std::get<0>(both)) + "_" + name_of(std::get<1>(both));
}

/// Names of parameters, as "http_1_1_Blocking".
struct ParameterName {
  template <class Parameter>
  std::string operator()(const ::testing::TestParamInfo<Parameter>& info) const {
    return name_of(info.param);
  }
};

}  // namespace okhttp
