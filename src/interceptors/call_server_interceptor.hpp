#pragma once

#include <optional>

#include "codec/exchange_codec.hpp"
#include "interceptors/chain.hpp"

namespace okhttp::internal {

/// The last one: sends the request on the exchange's connection and reads what comes back.
class CallServerInterceptor final : public Stage {
 public:
  Task<Response> run(ChainStep step) override;

 private:
  static Task<std::optional<ResponseHead>> send_body(Exchange& exchange, const Request& request);
};

}  // namespace okhttp::internal
