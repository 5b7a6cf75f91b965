#pragma once

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "interceptors/chain.hpp"
#include "interceptors/follow_up.hpp"

namespace okhttp::internal {

/// Tries again after failures that another connection may cure, and goes where answers lead.
class RetryAndFollowUpInterceptor final : public Stage {
 public:
  static constexpr unsigned kMaxFollowUps = 20;
  static constexpr unsigned kMaxRecoveries = 20;

  explicit RetryAndFollowUpInterceptor(FollowUpPolicy policy) : policy_(std::move(policy)) {}

  Task<Response> run(ChainStep step) override;

 private:
  class Progress;

  static Task<bool> ask_proxy_authenticator(Transmission& transmission, const Response& response);

  static Task<std::optional<Request>> ask_authenticator(Transmission& transmission,
                                                        std::shared_ptr<Authenticator> authenticator,
                                                        const Response& response);

  const FollowUpPolicy policy_;
};

}  // namespace okhttp::internal
