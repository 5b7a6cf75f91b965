#include <okhttp/cookie_jar.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <mutex>
#include <utility>

#include "cookies/cookie_clock.hpp"
#include "cookies/cookie_store.hpp"
#include "cookies/cookies_txt.hpp"
#include "runtime/thread_pool.hpp"

namespace okhttp {
namespace {

constexpr std::chrono::seconds kWriterIdle(1);

}  // namespace

/// Owned by the jar, and by a write that is on its way.
struct FileCookieJar::State : std::enable_shared_from_this<State> {
  State(std::string file, CookieJarOptions options)
      : path(std::move(file)),
        clock(std::move(options.clock)),
        store(options),
        writer("okhttp cookies", 1, kWriterIdle) {
    const Cookie::TimePoint now = clock.now();
    internal::CookiesTxt content = internal::read_cookies_txt(internal::load_cookies_txt(path), now);
    other_lines = std::move(content.other_lines);
    for (const Cookie& cookie : content.cookies) store.store(cookie, now);
  }

  /// Modifies the store by `change`, which tells whether it did, and has the file follow.
  template <class Change>
  void modify(Change&& change) {
    {
      const std::lock_guard lock(mutex);
      if (!change(store)) return;
      ++version;
      if (std::exchange(write_is_due, true)) return;
    }
    try {
      writer.execute([self = shared_from_this()] { self->write_soon(); });
    } catch (const std::exception&) {
      // No thread or no memory to be had: the next change tries again, or flush().
      const std::lock_guard lock(mutex);
      write_is_due = false;
    }
  }

  void write_soon() noexcept {
    {
      const std::lock_guard lock(mutex);
      write_is_due = false;
    }
    try {
      write();
    } catch (...) {
      // flush() tries again, and tells.
    }
  }

  void write() {
    // Held while the file is written, so that an older state never replaces a newer one. Calls never take it.
    const std::lock_guard one_writer(write_mutex);
    std::vector<Cookie> cookies;
    std::uint64_t of_version = 0;
    const Cookie::TimePoint now = clock.now();
    {
      const std::lock_guard lock(mutex);
      if (version == written_version) return;
      of_version = version;
      cookies = store.all(now);
    }
    internal::save_cookies_txt(path, internal::cookies_txt_of(cookies, other_lines));
    const std::lock_guard lock(mutex);
    written_version = of_version;
  }

  const std::string path;
  const internal::CookieClock clock;
  std::vector<std::string> other_lines;  // of the file as it was read

  std::mutex write_mutex;  // taken before mutex
  mutable std::mutex mutex;
  // Guarded by mutex.
  internal::CookieStore store;
  std::uint64_t version = 0;
  std::uint64_t written_version = 0;
  bool write_is_due = false;

  internal::ThreadPool writer;
};

FileCookieJar::FileCookieJar(std::string path, CookieJarOptions options)
    : state_(std::make_shared<State>(std::move(path), std::move(options))) {}
FileCookieJar::~FileCookieJar() = default;

void FileCookieJar::save_from_response(const Url& url, const std::vector<Cookie>& cookies) {
  const Cookie::TimePoint now = state_->clock.now();
  state_->modify([&](internal::CookieStore& store) {
    bool changed = false;
    for (const Cookie& cookie : cookies) changed = store.store(url, cookie, now) || changed;
    return changed;
  });
}

std::vector<Cookie> FileCookieJar::load_for_request(const Url& url) {
  const Cookie::TimePoint now = state_->clock.now();
  const std::lock_guard lock(state_->mutex);
  return state_->store.matching(url, now);
}

void FileCookieJar::add(const Cookie& cookie) {
  const Cookie::TimePoint now = state_->clock.now();
  state_->modify([&](internal::CookieStore& store) { return store.store(cookie, now); });
}

std::vector<Cookie> FileCookieJar::cookies() const {
  const Cookie::TimePoint now = state_->clock.now();
  const std::lock_guard lock(state_->mutex);
  return state_->store.all(now);
}

std::size_t FileCookieJar::size() const { return cookies().size(); }

void FileCookieJar::clear() {
  state_->modify([](internal::CookieStore& store) { return store.clear(); });
}

void FileCookieJar::clear_session() {
  state_->modify([](internal::CookieStore& store) { return store.clear_session(); });
}

void FileCookieJar::flush() { state_->write(); }

}  // namespace okhttp
