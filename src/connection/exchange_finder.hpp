#pragma once

#include <okhttp/task.hpp>

#include <memory>

#include "connection/connection.hpp"
#include "connection/route_planner.hpp"

namespace okhttp::internal {

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
