#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/cookie.hpp>
#include <okhttp/function.hpp>
#include <okhttp/url.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

class MemoryCookieJar;

/// Keeps the cookies of responses for later requests.
///
/// Both functions are asked for every exchange with a server, redirects included, with the URL of that exchange. What
/// they throw ends the call.
///
/// Threads: called on the engine that runs the call, several at once, and must not block.
class OKHTTP_API CookieJar {
 public:
  CookieJar() = default;
  CookieJar(const CookieJar&) = delete;
  CookieJar& operator=(const CookieJar&) = delete;
  virtual ~CookieJar() = default;

  /// A response from `url` brought these, one at least. One that is expired is to be removed. Not called for interim
  /// responses (1xx); for 101, which is the last one, it is.
  virtual void save_from_response(const Url& url, const std::vector<Cookie>& cookies) = 0;
  /// What a request for `url` carries, in that order. Cookies beyond 150, and those that would make the field longer
  /// than 8190 bytes, are left out: servers would refuse the request.
  [[nodiscard]] virtual std::vector<Cookie> load_for_request(const Url& url) = 0;

  /// Keeps nothing and gives nothing: the default.
  [[nodiscard]] static const std::shared_ptr<CookieJar>& none();
  /// Keeps cookies until it is destroyed.
  [[nodiscard]] static std::shared_ptr<MemoryCookieJar> in_memory();
};

/// Bounds of a jar, beyond which it drops cookies in the order of RFC 6265bis §5.7: expired ones, then, of a domain
/// that has too many, those without Secure before others, then any; among equals the one that was not used for the
/// longest.
struct OKHTTP_API CookieJarOptions {
  CookieJarOptions() = default;
  /// For one value of Cookie::domain(); RFC 6265bis §6.1 asks for 50 at least.
  std::size_t max_per_domain = 150;
  std::size_t max_total = 3000;
  /// The time; the system's unless set. Called on any thread.
  std::function<Cookie::TimePoint()> clock;
};

/// Keeps cookies in memory by the rules of RFC 6265bis §5.7 and §5.8. Safe from any thread.
class OKHTTP_API MemoryCookieJar final : public CookieJar {
 public:
  /// Throws std::invalid_argument when a bound is 0.
  explicit MemoryCookieJar(CookieJarOptions options = CookieJarOptions());
  ~MemoryCookieJar() override;

  /// A cookie replaces the one of the same name, domain and path and keeps its place in the order. A URL without TLS
  /// cannot replace, nor hide, a Secure cookie.
  void save_from_response(const Url& url, const std::vector<Cookie>& cookies) override;
  /// Longer paths first; of equal ones those that have been there for longer.
  [[nodiscard]] std::vector<Cookie> load_for_request(const Url& url) override;

  /// Adds a cookie that no response brought.
  void add(const Cookie& cookie);
  /// Those that are not expired, in the order in which they came.
  [[nodiscard]] std::vector<Cookie> cookies() const;
  [[nodiscard]] std::size_t size() const;
  void clear();
  /// Drops the cookies that were to last for a session.
  void clear_session();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

/// A jar in a file, in the format of Netscape's `cookies.txt`, which curl, wget and others read and write too.
///
/// The file is read once, when the jar is made, and replaced as a whole: there is never half of it. A new one is
/// readable for its owner alone (0600); one that is there keeps its permissions. Lines that are no cookies are kept as
/// they are. The format has no SameSite. Session cookies are kept too (as those that expire at 0).
///
/// Changes are written soon after, on a thread of the jar's own, and what cannot be written fails no call: flush()
/// tells. Whoever ends a program calls flush() before; so does whoever wants to know that all is written. Of several
/// jars, or processes, with one file the last to write wins.
///
/// Safe from any thread. flush() and the constructor block as long as the file system does, so neither belongs on a
/// loop.
class OKHTTP_API FileCookieJar final : public CookieJar {
 public:
  /// Reads the file; one that does not exist is empty. Throws Error(Errc::io) when it cannot be read, so that it is not
  /// overwritten, and Errc::limit_exceeded when it has more than 16 MiB. std::invalid_argument when a bound is 0.
  explicit FileCookieJar(std::string path, CookieJarOptions options = CookieJarOptions());
  ~FileCookieJar() override;

  void save_from_response(const Url& url, const std::vector<Cookie>& cookies) override;
  [[nodiscard]] std::vector<Cookie> load_for_request(const Url& url) override;

  /// As those of MemoryCookieJar.
  void add(const Cookie& cookie);
  [[nodiscard]] std::vector<Cookie> cookies() const;
  [[nodiscard]] std::size_t size() const;
  void clear();
  void clear_session();

  /// Writes what is not written yet, on this thread. Throws Error(Errc::io), which names the path, when that fails; the
  /// cookies stay in the jar, and the next change or flush() tries again.
  void flush();

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

/// Reads the text of a `cookies.txt`: the cookies that are not expired at `now`, in order. Lines that are none are
/// passed over, and so are those that break the rules of Cookie.
[[nodiscard]] OKHTTP_API std::vector<Cookie> parse_cookies_txt(std::string_view text, Cookie::TimePoint now);
/// Writes the text of a `cookies.txt`.
[[nodiscard]] OKHTTP_API std::string format_cookies_txt(const std::vector<Cookie>& cookies);
/// Writes a `cookies.txt` in place of whatever is under that name, as FileCookieJar does. Throws Error(Errc::io).
OKHTTP_API void write_cookies_txt(const std::string& path, const std::vector<Cookie>& cookies);

}  // namespace okhttp
