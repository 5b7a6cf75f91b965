#include <okhttp/error.hpp>

#include <utility>
#include <vector>

#include "connection/exchange_finder.hpp"

namespace okhttp::internal {

Task<std::shared_ptr<Connection>> SequentialExchangeFinder::find() {
  std::vector<Attempt> earlier;
  for (;;) {
    std::unique_ptr<ConnectPlan> plan;
    try {
      std::unique_ptr<ConnectPlan> next = co_await planner_.plan();
      plan = std::move(next);
    } catch (const Error& error) {
      throw error.with_attempts(std::move(earlier));
    }
    if (plan->is_ready()) co_return plan->handle_success();

    ConnectResult result = co_await plan->connect_tcp();
    if (result.ok()) {
      ConnectResult secured = co_await plan->connect_tls_etc();
      result = std::move(secured);
    }
    if (result.ok()) co_return plan->handle_success();

    if (result.next_plan != nullptr) planner_.deferred_plans().push_back(std::move(result.next_plan));
    const Errc code = result.error->errc();
    const bool is_over = code == Errc::canceled || code == Errc::timeout;
    if (is_over || !planner_.has_next(nullptr)) throw result.error->with_attempts(std::move(earlier));
    earlier.emplace_back(plan->route_text(), result.error->what());
  }
}

}  // namespace okhttp::internal
