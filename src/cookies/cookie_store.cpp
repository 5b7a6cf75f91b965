#include "cookies/cookie_store.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "http/cookie_rules.hpp"

namespace okhttp::internal {
namespace {

bool is_same(const Cookie& a, const Cookie& b) noexcept {
  return a.name() == b.name() && a.path() == b.path() && a.host_only() == b.host_only();
}

}  // namespace

CookieStore::CookieStore(const CookieJarOptions& options)
    : max_per_domain_(options.max_per_domain), max_total_(options.max_total) {
  if (max_per_domain_ == 0 || max_total_ == 0) throw std::invalid_argument("CookieJar: a bound must be above 0");
}

template <class Visit>
void CookieStore::for_each_domain_of(std::string_view host, bool is_ip, Visit&& visit) {
  for (std::string_view domain = host;;) {
    if (const auto found = domains_.find(domain); found != domains_.end()) visit(found->second);
    const std::size_t dot = domain.find('.');
    if (is_ip || dot == std::string_view::npos) return;
    domain.remove_prefix(dot + 1);
  }
}

/// RFC 6265bis §5.7, "leave secure cookies alone": a response without TLS sets no cookie that would be sent instead of
/// a Secure one, or beside it, be it that one of them is for a domain above the other.
bool CookieStore::would_hide_secure(const Url& url, const Cookie& cookie, Cookie::TimePoint now) const {
  if (cookie.is_secure() || url.is_tls()) return false;
  for (const auto& [domain, entries] : domains_) {
    if (!is_within_domain(domain, cookie.domain()) && !is_within_domain(cookie.domain(), domain)) continue;
    for (const Entry& entry : entries) {
      if (entry.cookie.is_secure() && !entry.cookie.is_expired(now) && entry.cookie.name() == cookie.name() &&
          path_matches(cookie.path(), entry.cookie.path())) {
        return true;
      }
    }
  }
  return false;
}

bool CookieStore::store(const Url& url, const Cookie& cookie, Cookie::TimePoint now) {
  if (would_hide_secure(url, cookie, now)) return false;
  return store(cookie, now);
}

bool CookieStore::store(const Cookie& cookie, Cookie::TimePoint now) {
  const auto domain = domains_.find(cookie.domain());
  if (domain != domains_.end()) {
    Entries& entries = domain->second;
    const auto old =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return is_same(entry.cookie, cookie); });
    if (old != entries.end() && !cookie.is_expired(now)) {
      const bool changes = !(old->cookie == cookie);
      old->cookie = cookie;
      old->used = ++moment_;
      return changes;
    }
    if (old != entries.end()) {
      entries.erase(old);
      --size_;
      if (entries.empty()) domains_.erase(domain);
      return true;
    }
  }
  if (cookie.is_expired(now)) return false;
  make_room(cookie.domain(), now);
  const std::uint64_t moment = ++moment_;
  domains_[cookie.domain()].push_back(Entry{cookie, moment, moment});
  ++size_;
  return true;
}

std::vector<Cookie> CookieStore::matching(const Url& url, Cookie::TimePoint now) {
  std::vector<Entry*> found;
  for_each_domain_of(url.host(), url.host_is_ip(), [&](Entries& entries) {
    for (Entry& entry : entries) {
      if (!entry.cookie.matches(url) || entry.cookie.is_expired(now)) continue;
      entry.used = ++moment_;
      found.push_back(&entry);
    }
  });
  // RFC 6265bis §5.8.3: longer paths first, then earlier creation.
  std::sort(found.begin(), found.end(), [](const Entry* a, const Entry* b) {
    const std::size_t a_size = a->cookie.path().size();
    const std::size_t b_size = b->cookie.path().size();
    return a_size != b_size ? a_size > b_size : a->created < b->created;
  });
  std::vector<Cookie> cookies;
  cookies.reserve(found.size());
  for (const Entry* entry : found) cookies.push_back(entry->cookie);
  return cookies;
}

std::vector<Cookie> CookieStore::all(Cookie::TimePoint now) const {
  std::vector<const Entry*> found;
  for (const auto& [domain, entries] : domains_) {
    for (const Entry& entry : entries) {
      if (!entry.cookie.is_expired(now)) found.push_back(&entry);
    }
  }
  std::sort(found.begin(), found.end(), [](const Entry* a, const Entry* b) { return a->created < b->created; });
  std::vector<Cookie> cookies;
  cookies.reserve(found.size());
  for (const Entry* entry : found) cookies.push_back(entry->cookie);
  return cookies;
}

template <class Condition>
bool CookieStore::remove_if(Condition&& condition) {
  std::size_t removed = 0;
  for (auto domain = domains_.begin(); domain != domains_.end();) {
    removed += std::erase_if(domain->second, [&](const Entry& entry) { return condition(entry.cookie); });
    domain = domain->second.empty() ? domains_.erase(domain) : std::next(domain);
  }
  size_ -= removed;
  return removed > 0;
}

bool CookieStore::clear() noexcept {
  const bool changes = size_ > 0;
  domains_.clear();
  size_ = 0;
  return changes;
}

bool CookieStore::clear_session() {
  return remove_if([](const Cookie& cookie) { return !cookie.is_persistent(); });
}

// RFC 6265bis §5.7, on removing excess cookies.
void CookieStore::make_room(const std::string& domain, Cookie::TimePoint now) {
  auto found = domains_.find(domain);
  const bool too_many_of_domain = found != domains_.end() && found->second.size() >= max_per_domain_;
  if (!too_many_of_domain && size_ < max_total_) return;
  remove_if([&](const Cookie& cookie) { return cookie.is_expired(now); });
  found = domains_.find(domain);
  if (found != domains_.end() && found->second.size() >= max_per_domain_) evict_one_of(found);
  if (size_ >= max_total_) evict_one_of_all();
}

void CookieStore::evict_one_of(Domains::iterator domain) {
  Entries& entries = domain->second;
  const auto victim = std::min_element(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    if (a.cookie.is_secure() != b.cookie.is_secure()) return !a.cookie.is_secure();
    return a.used < b.used;
  });
  entries.erase(victim);
  --size_;
  if (entries.empty()) domains_.erase(domain);
}

void CookieStore::evict_one_of_all() {
  auto of = domains_.end();
  Entries::iterator victim;
  for (auto domain = domains_.begin(); domain != domains_.end(); ++domain) {
    for (auto entry = domain->second.begin(); entry != domain->second.end(); ++entry) {
      if (of != domains_.end() && entry->used >= victim->used) continue;
      of = domain;
      victim = entry;
    }
  }
  if (of == domains_.end()) return;
  of->second.erase(victim);
  --size_;
  if (of->second.empty()) domains_.erase(of);
}

}  // namespace okhttp::internal
