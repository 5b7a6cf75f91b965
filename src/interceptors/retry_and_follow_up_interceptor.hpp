#pragma once

#include <okhttp/interceptor.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "interceptors/follow_up.hpp"

namespace okhttp::internal {

class Transmission;

/// Tries again after failures that another connection may cure, and goes where answers lead.
class RetryAndFollowUpInterceptor final : public Interceptor {
 public:
  static constexpr unsigned kMaxFollowUps = 20;
  static constexpr unsigned kMaxRecoveries = 20;

  explicit RetryAndFollowUpInterceptor(FollowUpPolicy policy) : policy_(std::move(policy)) {}

  Task<Response> intercept(Chain& chain) override;
  [[nodiscard]] std::string name() const override { return "retry_and_follow_up"; }

 private:
  class Progress;

  const FollowUpPolicy policy_;
};

}  // namespace okhttp::internal
