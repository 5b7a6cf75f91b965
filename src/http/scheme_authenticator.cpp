#include <okhttp/authenticator.hpp>
#include <okhttp/challenge.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "http/ascii.hpp"

namespace okhttp {
namespace {

class SchemeAuthenticator final : public Authenticator {
 public:
  explicit SchemeAuthenticator(std::vector<Scheme> schemes) : schemes_(std::move(schemes)) {}

  Task<std::optional<Request>> authenticate(const RouteInfo& route, const Response& response) override {
    const std::string* const chosen = strongest_offered(response.challenges());
    std::optional<Request> answer;
    if (chosen == nullptr) co_return answer;
    for (const Scheme& scheme : schemes_) {
      if (!equals_ignore_case(scheme.first, *chosen)) continue;
      Task<std::optional<Request>> asking = scheme.second->authenticate(route, response);
      std::optional<Request> given = co_await std::move(asking);
      if (!given.has_value()) continue;
      answer = std::move(given);
      break;
    }
    co_return answer;
  }

 private:
  [[nodiscard]] const std::string* strongest_offered(const std::vector<Challenge>& challenges) const {
    for (const Scheme& scheme : schemes_) {
      const bool is_offered = std::any_of(challenges.begin(), challenges.end(), [&](const Challenge& challenge) {
        return challenge.is_scheme(scheme.first) || challenge.is_scheme(kPreemptive);
      });
      if (is_offered) return &scheme.first;
    }
    return nullptr;
  }

  const std::vector<Scheme> schemes_;  // the strongest first
};

}  // namespace

std::shared_ptr<Authenticator> Authenticator::by_scheme(std::vector<Scheme> schemes) {
  for (const Scheme& scheme : schemes) {
    if (!internal::is_token(scheme.first)) throw std::invalid_argument("Authenticator: the scheme is no token");
    if (scheme.second == nullptr) throw std::invalid_argument("Authenticator: the one for a scheme is null");
  }
  return std::make_shared<SchemeAuthenticator>(std::move(schemes));
}

}  // namespace okhttp
