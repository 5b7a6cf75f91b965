#pragma once

#include "interceptors/chain.hpp"

namespace okhttp::internal {

/// Finds a connection and begins an exchange on it; network interceptors and call_server go on with that.
class ConnectInterceptor final : public Stage {
 public:
  Task<Response> run(ChainStep step) override;

 private:
  static Task<Response> find_connection(ChainStep step);
};

}  // namespace okhttp::internal
