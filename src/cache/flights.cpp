#include "cache/flights.hpp"

#include <utility>

namespace okhttp::internal {

Flights::Place Flights::join(const std::string& id) {
  Place place;
  const std::lock_guard lock(mutex_);
  const auto flight = waiting_.find(id);
  if (flight == waiting_.end()) {
    place.lead = std::make_unique<Lead>(*this, id);
    waiting_.emplace(id, std::vector<std::shared_ptr<Signal>>());
  } else {
    place.landed = std::make_shared<Signal>();
    flight->second.push_back(place.landed);
  }
  return place;
}

void Flights::land(const std::string& id) noexcept {
  std::vector<std::shared_ptr<Signal>> all;
  {
    const std::lock_guard lock(mutex_);
    const auto flight = waiting_.find(id);
    if (flight == waiting_.end()) return;
    all = std::move(flight->second);
    waiting_.erase(flight);
  }
  for (const auto& landed : all) landed->set();
}

}  // namespace okhttp::internal
