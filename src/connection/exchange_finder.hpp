#pragma once

#include <okhttp/task.hpp>

#include <memory>

#include "connection/connection.hpp"
#include "connection/route_planner.hpp"

namespace okhttp::internal {

struct CallContext;

/// Works through a planner's plans until one gives a connection.
class ExchangeFinder {
 public:
  ExchangeFinder() = default;
  ExchangeFinder(const ExchangeFinder&) = delete;
  ExchangeFinder& operator=(const ExchangeFinder&) = delete;
  virtual ~ExchangeFinder() = default;

  /// A connection in use. Throws the last failure with all earlier attempts attached.
  virtual Task<std::shared_ptr<Connection>> find() = 0;
};

/// Has plans race by the rules of ConnectRace, as far as there are several. Those that lose are left with the planner
/// as deferred plans. Told to the listener as any other attempt; a loser ends in connect_failed(canceled).
class FastFallbackExchangeFinder final : public ExchangeFinder {
 public:
  /// `planner` and `context` outlive the finder.
  FastFallbackExchangeFinder(RoutePlanner& planner, CallContext& context) noexcept
      : planner_(planner), context_(context) {}

  Task<std::shared_ptr<Connection>> find() override;

 private:
  RoutePlanner& planner_;
  CallContext& context_;
};

/// Tries one plan after another.
class SequentialExchangeFinder final : public ExchangeFinder {
 public:
  /// `planner` outlives the finder.
  explicit SequentialExchangeFinder(RoutePlanner& planner) noexcept : planner_(planner) {}

  Task<std::shared_ptr<Connection>> find() override;

 private:
  RoutePlanner& planner_;
};

}  // namespace okhttp::internal
