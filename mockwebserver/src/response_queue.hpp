#pragma once

#include <okhttp/mockwebserver/mock_response.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "runtime/signal.hpp"

namespace okhttp::internal {

/// Responses in the order in which they are to be given, and the requests that wait for one. Thread-safe.
///
/// Invariant: there are never both responses and waiting requests.
class ResponseQueue {
 public:
  /// One request's place among those that wait.
  class Place {
   public:
    /// Set when there is a response.
    [[nodiscard]] const std::shared_ptr<Signal>& signal() const noexcept { return signal_; }

   private:
    friend class ResponseQueue;
    std::shared_ptr<Signal> signal_ = std::make_shared<Signal>();
    std::optional<MockResponse> response_;
  };

  /// Gives the response to the request that has waited longest, else keeps it.
  void add(MockResponse response);
  /// Makes the response the next one again.
  void put_back(MockResponse response);

  [[nodiscard]] std::optional<MockResponse> try_take();
  /// Takes the next response only if it is such a one.
  [[nodiscard]] std::optional<MockResponse> try_take_if(const std::function<bool(const MockResponse&)>& is_such);
  [[nodiscard]] std::size_t size() const;

  /// Waits behind all others.
  [[nodiscard]] std::shared_ptr<Place> wait();
  /// Takes what the place was given. A place that was given nothing waits no more.
  [[nodiscard]] std::optional<MockResponse> leave(const std::shared_ptr<Place>& place);

 private:
  void give(MockResponse response, bool in_front);

  mutable std::mutex mutex_;
  std::deque<MockResponse> responses_;
  std::deque<std::shared_ptr<Place>> waiting_;
};

}  // namespace okhttp::internal
