#include "response_queue.hpp"

#include <algorithm>
#include <utility>

namespace okhttp::internal {

void ResponseQueue::add(MockResponse response) { give(std::move(response), false); }

void ResponseQueue::put_back(MockResponse response) { give(std::move(response), true); }

void ResponseQueue::give(MockResponse response, bool in_front) {
  const std::lock_guard lock(mutex_);
  if (!waiting_.empty()) {
    const std::shared_ptr<Place> first = std::move(waiting_.front());
    waiting_.pop_front();
    first->response_ = std::move(response);
    first->signal_->set();
  } else if (in_front) {
    responses_.push_front(std::move(response));
  } else {
    responses_.push_back(std::move(response));
  }
}

std::optional<MockResponse> ResponseQueue::try_take() {
  return try_take_if([](const MockResponse&) { return true; });
}

std::optional<MockResponse> ResponseQueue::try_take_if(const std::function<bool(const MockResponse&)>& is_such) {
  const std::lock_guard lock(mutex_);
  if (responses_.empty() || !is_such(responses_.front())) return std::nullopt;
  std::optional<MockResponse> response(std::move(responses_.front()));
  responses_.pop_front();
  return response;
}

std::size_t ResponseQueue::size() const {
  const std::lock_guard lock(mutex_);
  return responses_.size();
}

std::shared_ptr<ResponseQueue::Place> ResponseQueue::wait() {
  auto place = std::make_shared<Place>();
  const std::lock_guard lock(mutex_);
  if (responses_.empty()) {
    waiting_.push_back(place);
  } else {
    place->response_ = std::move(responses_.front());
    responses_.pop_front();
    place->signal_->set();
  }
  return place;
}

std::optional<MockResponse> ResponseQueue::leave(const std::shared_ptr<Place>& place) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find(waiting_.begin(), waiting_.end(), place);
  if (found != waiting_.end()) waiting_.erase(found);
  return std::exchange(place->response_, std::nullopt);
}

}  // namespace okhttp::internal
