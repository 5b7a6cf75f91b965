#pragma once

#include <okhttp/interceptor.hpp>

#include <optional>
#include <string>

#include "codec/exchange_codec.hpp"

namespace okhttp::internal {

class Exchange;

/// The last one: sends the request on the exchange's connection and reads what comes back.
class CallServerInterceptor final : public Interceptor {
 public:
  Task<Response> intercept(Chain& chain) override;
  [[nodiscard]] std::string name() const override { return "call_server"; }

 private:
  static Task<std::optional<ResponseHead>> send(Exchange& exchange, const Request& request);
};

}  // namespace okhttp::internal
