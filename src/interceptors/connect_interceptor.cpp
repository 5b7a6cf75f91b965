#include "interceptors/connect_interceptor.hpp"

#include <memory>
#include <utility>

#include "interceptors/chain.hpp"

namespace okhttp::internal {

Task<Response> ConnectInterceptor::intercept(Chain& chain) {
  ChainStep& step = ChainAccess::step(chain);
  Task<std::shared_ptr<Exchange>> connecting = step.run.transmission->new_exchange();
  std::shared_ptr<Exchange> exchange = co_await std::move(connecting);
  Task<Response> rest = ChainAccess::run(step.run, step.index + 1, step.request, std::move(exchange));
  co_return co_await std::move(rest);
}

}  // namespace okhttp::internal
