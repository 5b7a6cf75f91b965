#include <okhttp/authenticator.hpp>
#include <okhttp/challenge.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>
#include <okhttp/url.hpp>

#include <algorithm>
#include <coroutine>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "http/ascii.hpp"
#include "http/authenticator_host.hpp"

namespace okhttp {
namespace {

/// One run of the provider, and those that wait for what it yields. Any thread.
class Refresh {
 public:
  /// co_await Refresh::Awaiter(refresh): until it is over. The awaiter goes on on the thread that ended it.
  class Awaiter {
   public:
    explicit Awaiter(Refresh& refresh) noexcept : refresh_(refresh) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiter) {
      const std::lock_guard lock(refresh_.mutex_);
      if (refresh_.is_over_) return false;
      refresh_.waiters_.push_back(waiter);
      return true;
    }
    void await_resume() const noexcept {}

   private:
    Refresh& refresh_;
  };

  void end(std::string token, std::exception_ptr failure) noexcept {
    std::vector<std::coroutine_handle<>> waiters;
    {
      const std::lock_guard lock(mutex_);
      if (is_over_) return;
      is_over_ = true;
      token_ = std::move(token);
      failure_ = std::move(failure);
      waiters.swap(waiters_);
    }
    // Each goes to its own engine at once, or runs here when that is this one.
    for (const std::coroutine_handle<> waiter : waiters) waiter.resume();
  }

  /// After the end.
  [[nodiscard]] const std::string& token() const {
    if (failure_) std::rethrow_exception(failure_);
    return token_;
  }

 private:
  std::mutex mutex_;
  bool is_over_ = false;
  std::string token_;
  std::exception_ptr failure_;
  std::vector<std::coroutine_handle<>> waiters_;
};

/// RFC 6750 §2.1: b64token. Wider, because servers are: whatever a field may hold without a space.
bool is_token_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

constexpr std::string_view kPrefix = "Bearer ";

/// The token that a request shows, if any.
std::optional<std::string> token_of(const Request& request) {
  const auto shown = request.header("Authorization");
  if (!shown.has_value() || shown->size() <= kPrefix.size()) return std::nullopt;
  if (!equals_ignore_case(shown->substr(0, kPrefix.size()), kPrefix)) return std::nullopt;
  return std::string(internal::trim_ows(shown->substr(kPrefix.size())));
}

class BearerAuthenticator final : public Authenticator {
 public:
  BearerAuthenticator(Url origin, TokenProvider provider)
      : origin_(std::move(origin)), provider_(std::move(provider)) {}

  Task<std::optional<Request>> authenticate(const RouteInfo&, const Response& response) override {
    std::optional<Request> answer;
    if (!is_asked(response)) co_return answer;
    std::optional<std::string> refused = token_of(response.request());
    if (refused.has_value() && came_for_a_refused_one(response)) co_return answer;
    std::string token;
    bool is_mine = false;
    const std::shared_ptr<Refresh> refresh = join(refused, token, is_mine);
    if (refresh != nullptr && is_mine) {
      Task<void> running = run(refresh, std::move(refused));
      co_await std::move(running);
    } else if (refresh != nullptr) {
      Refresh::Awaiter over(*refresh);
      co_await over;
    }
    if (refresh != nullptr) token = refresh->token();
    if (!token.empty()) answer = internal::with_credentials(response, std::string(kPrefix) + token);
    co_return answer;
  }

 private:
  [[nodiscard]] bool is_asked(const Response& response) const {
    if (response.code() != 401) return false;
    const Url& url = response.request().url();
    if (url.scheme() != origin_.scheme() || url.host() != origin_.host() || url.port() != origin_.port()) return false;
    const std::vector<Challenge> challenges = response.challenges();
    return challenges.empty() || std::any_of(challenges.begin(), challenges.end(),
                                             [](const Challenge& challenge) { return challenge.is_scheme("Bearer"); });
  }
  /// True when the refused token was the answer to a 401 that refused another.
  [[nodiscard]] static bool came_for_a_refused_one(const Response& response) {
    const Response* const prior = response.prior_response();
    return prior != nullptr && prior->code() == 401 && token_of(prior->request()).has_value();
  }

  /// What to wait for: null when `token` is one that may be used. `is_mine` when the caller has to run it.
  std::shared_ptr<Refresh> join(const std::optional<std::string>& refused, std::string& token, bool& is_mine) {
    const std::lock_guard lock(mutex_);
    if (refresh_ != nullptr) return refresh_;
    if (!token_.empty() && refused != token_) {
      token = token_;
      return nullptr;
    }
    is_mine = true;
    refresh_ = std::make_shared<Refresh>();
    return refresh_;
  }

  /// Ends `refresh` however the provider ends.
  Task<void> run(std::shared_ptr<Refresh> refresh, std::optional<std::string> refused) {
    std::string token;
    std::exception_ptr failure;
    try {
      Task<std::string> asking = provider_(std::move(refused));
      std::string given = co_await std::move(asking);
      if (!is_token_text(given)) throw std::invalid_argument("the token provider yielded what is no bearer token");
      token = std::move(given);
    } catch (...) {
      failure = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      refresh_ = nullptr;
      if (!failure) token_ = token;
    }
    refresh->end(std::move(token), std::move(failure));
  }

  const Url origin_;
  const TokenProvider provider_;
  std::mutex mutex_;
  std::string token_;                 // the newest
  std::shared_ptr<Refresh> refresh_;  // while one runs
};

}  // namespace

std::shared_ptr<Authenticator> Authenticator::bearer(std::string_view origin, TokenProvider provider) {
  if (!provider) throw std::invalid_argument("Authenticator: there is no token provider");
  std::optional<Url> url = Url::try_parse(origin);
  if (!url.has_value() || (url->scheme() != "http" && url->scheme() != "https")) {
    throw std::invalid_argument("Authenticator: the origin is no http or https URL");
  }
  return std::make_shared<BearerAuthenticator>(std::move(*url), std::move(provider));
}

}  // namespace okhttp
