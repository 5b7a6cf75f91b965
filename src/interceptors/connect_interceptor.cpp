#include "interceptors/connect_interceptor.hpp"

#include <memory>
#include <utility>

namespace okhttp::internal {

Task<Response> ConnectInterceptor::run(ChainStep step) {
  std::shared_ptr<Exchange> exchange = step.run.transmission.exchange_on_existing();
  if (exchange == nullptr) return find_connection(std::move(step));
  return step.proceed(std::move(step.request), std::move(exchange));
}

Task<Response> ConnectInterceptor::find_connection(ChainStep step) {
  Task<std::shared_ptr<Exchange>> connecting = step.run.transmission.new_exchange();
  std::shared_ptr<Exchange> exchange = co_await std::move(connecting);
  Task<Response> rest = step.proceed(std::move(step.request), std::move(exchange));
  co_return co_await std::move(rest);
}

}  // namespace okhttp::internal
