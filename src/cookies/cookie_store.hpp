#pragma once

#include <okhttp/cookie.hpp>
#include <okhttp/cookie_jar.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace okhttp::internal {

/// The cookie store of RFC 6265bis §5.7: what is kept, what replaces what, what goes when there is too much. Without
/// locks and time of its own.
///
/// Invariants:
/// 1. No two cookies have equal name, domain, path and host_only.
/// 2. No domain has more than max_per_domain cookies, all together not more than max_total.
class CookieStore {
 public:
  /// Throws std::invalid_argument when a bound is 0.
  explicit CookieStore(const CookieJarOptions& options);

  /// Stores a cookie that a response from `url` brought; true when that changed what is stored.
  bool store(const Url& url, const Cookie& cookie, Cookie::TimePoint now);
  /// Stores a cookie whatever it came with.
  bool store(const Cookie& cookie, Cookie::TimePoint now);
  /// What a request for `url` carries, in order, and marks it as used.
  [[nodiscard]] std::vector<Cookie> matching(const Url& url, Cookie::TimePoint now);

  /// Those that are not expired, in the order in which they came.
  [[nodiscard]] std::vector<Cookie> all(Cookie::TimePoint now) const;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  bool clear() noexcept;
  bool clear_session();

 private:
  struct Entry {
    Cookie cookie;
    std::uint64_t created;  ///< moments are counted, so that no two are equal
    std::uint64_t used;
  };
  using Entries = std::vector<Entry>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
  };
  using Domains = std::unordered_map<std::string, Entries, Hash, std::equal_to<>>;

  /// Calls `visit` with the cookies of each domain that `host` is, or is within.
  template <class Visit>
  void for_each_domain_of(std::string_view host, bool is_ip, Visit&& visit);
  [[nodiscard]] bool would_hide_secure(const Url& url, const Cookie& cookie, Cookie::TimePoint now) const;
  template <class Condition>
  bool remove_if(Condition&& condition);
  void make_room(const std::string& domain, Cookie::TimePoint now);
  void evict_one_of(Domains::iterator domain);
  void evict_one_of_all();

  const std::size_t max_per_domain_;
  const std::size_t max_total_;
  Domains domains_;
  std::size_t size_ = 0;
  std::uint64_t moment_ = 0;
};

}  // namespace okhttp::internal
