#pragma once

#include <okhttp/interceptor.hpp>

#include <string>

namespace okhttp::internal {

/// Finds a connection and begins an exchange on it; network interceptors and call_server go on with that.
class ConnectInterceptor final : public Interceptor {
 public:
  Task<Response> intercept(Chain& chain) override;
  [[nodiscard]] std::string name() const override { return "connect"; }
};

}  // namespace okhttp::internal
