#include <okhttp/cookie_jar.hpp>

#include <mutex>
#include <utility>

#include "cookies/cookie_clock.hpp"
#include "cookies/cookie_store.hpp"

namespace okhttp {
namespace {

class NoCookies final : public CookieJar {
 public:
  void save_from_response(const Url&, const std::vector<Cookie>&) override {}
  std::vector<Cookie> load_for_request(const Url&) override { return {}; }
};

}  // namespace

const std::shared_ptr<CookieJar>& CookieJar::none() {
  static const std::shared_ptr<CookieJar> jar = std::make_shared<NoCookies>();
  return jar;
}

std::shared_ptr<MemoryCookieJar> CookieJar::in_memory() { return std::make_shared<MemoryCookieJar>(); }

struct MemoryCookieJar::State {
  explicit State(CookieJarOptions options) : store(options), clock(std::move(options.clock)) {}

  mutable std::mutex mutex;
  internal::CookieStore store;  // guarded by mutex
  const internal::CookieClock clock;
};

MemoryCookieJar::MemoryCookieJar(CookieJarOptions options) : state_(std::make_unique<State>(std::move(options))) {}
MemoryCookieJar::~MemoryCookieJar() = default;

void MemoryCookieJar::save_from_response(const Url& url, const std::vector<Cookie>& cookies) {
  const Cookie::TimePoint now = state_->clock.now();
  const std::lock_guard lock(state_->mutex);
  for (const Cookie& cookie : cookies) state_->store.store(url, cookie, now);
}

std::vector<Cookie> MemoryCookieJar::load_for_request(const Url& url) {
  const Cookie::TimePoint now = state_->clock.now();
  const std::lock_guard lock(state_->mutex);
  return state_->store.matching(url, now);
}

void MemoryCookieJar::add(const Cookie& cookie) {
  const Cookie::TimePoint now = state_->clock.now();
  const std::lock_guard lock(state_->mutex);
  state_->store.store(cookie, now);
}

std::vector<Cookie> MemoryCookieJar::cookies() const {
  const Cookie::TimePoint now = state_->clock.now();
  const std::lock_guard lock(state_->mutex);
  return state_->store.all(now);
}

std::size_t MemoryCookieJar::size() const { return cookies().size(); }

void MemoryCookieJar::clear() {
  const std::lock_guard lock(state_->mutex);
  state_->store.clear();
}

void MemoryCookieJar::clear_session() {
  const std::lock_guard lock(state_->mutex);
  state_->store.clear_session();
}

}  // namespace okhttp
