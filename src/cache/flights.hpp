#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/signal.hpp"

namespace okhttp::internal {

/// Fetches that are under way, so that equal ones can wait for the first instead of going out too.
///
/// Threads: any.
class Flights final {
 public:
  /// Held by the first one: when it goes, stored or not, the others go on.
  class Lead {
   public:
    Lead(Flights& flights, std::string id) : flights_(flights), id_(std::move(id)) {}
    Lead(const Lead&) = delete;
    Lead& operator=(const Lead&) = delete;
    ~Lead() { flights_.land(id_); }

   private:
    Flights& flights_;
    const std::string id_;
  };

  /// One of the two is null: `lead` is given to the first, `landed` to all others.
  struct Place {
    std::unique_ptr<Lead> lead;
    std::shared_ptr<Signal> landed;
  };
  [[nodiscard]] Place join(const std::string& id);

 private:
  void land(const std::string& id) noexcept;

  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<std::shared_ptr<Signal>>> waiting_;
};

}  // namespace okhttp::internal
