#pragma once

#include <okhttp/request.hpp>
#include <okhttp/response.hpp>
#include <okhttp/task.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>

#include "connection/transmission.hpp"
#include "interceptors/chain.hpp"
#include "runtime/call_context.hpp"

namespace okhttp::internal {

/// One of several ways that a call goes at once from an interceptor on: with a context, connections, follow-ups and
/// retries of its own, so that it can be given up alone. It has the call's settings as they are when it is made, and
/// ends when the call is canceled or out of time.
///
///     made --proceed()--> running --failed, given up------------------------------> ended
///                            \--response--> open --read, dropped, given up-------> ended
///                                             \--choose()--> the call's response --read, dropped--> ended, the call
///                                             too
///
/// Owned by whoever made it and, from proceed() to its end, by itself. Runs on the engine of the call that made it, but
/// for give_up(), which is any thread's. The call must not end before its branches, so whoever made one awaits
/// proceed() to the end, and drops every response that he does not choose after give_up(), which spares the rest.
class ChainBranch final : public TransmissionOwner, public std::enable_shared_from_this<ChainBranch> {
 public:
  /// Goes on behind `from`, whose run outlives the branch.
  explicit ChainBranch(const ChainStep& from);

  [[nodiscard]] CallContext& context() noexcept { return *context_; }

  /// Yields the response to `request` from the stages behind. Once. Resumes on the engine.
  [[nodiscard]] Task<Response> proceed(Request request);
  /// What goes on here ends promptly with Errc::canceled.
  void give_up() noexcept { context_->cancellation->request(); }
  /// Its response, which proceed() yielded, is the call's: the call goes on for as long as that is open.
  void choose();

  // TransmissionOwner
  void transmission_ended(const Error* failure) noexcept override;

 private:
  ChainRun& whole_;
  const std::size_t index_;
  const std::shared_ptr<CallContext> context_;
  const std::shared_ptr<Transmission> transmission_;
  ChainRun run_;
  std::shared_ptr<ChainBranch> self_;
};

}  // namespace okhttp::internal
