#pragma once

#include <okhttp/ip_address.hpp>

#include <string>
#include <utility>

#include "route/address.hpp"

namespace okhttp::internal {

/// One way to reach an address: the endpoint that is dialled.
class Route {
 public:
  Route(Address address, Endpoint endpoint) : address_(std::move(address)), endpoint_(endpoint) {}

  [[nodiscard]] const Address& address() const noexcept { return address_; }
  [[nodiscard]] const Endpoint& endpoint() const noexcept { return endpoint_; }
  /// "example.com:443 at 192.0.2.1:443", for messages.
  [[nodiscard]] std::string to_string() const { return address_.to_string() + " at " + endpoint_.to_string(); }

  friend bool operator==(const Route&, const Route&) noexcept = default;

 private:
  Address address_;
  Endpoint endpoint_;
};

}  // namespace okhttp::internal
