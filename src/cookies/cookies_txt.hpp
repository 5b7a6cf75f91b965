#pragma once

#include <okhttp/cookie.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace okhttp::internal {

/// What a `cookies.txt` holds. One line a cookie, seven columns with a tab between them:
///
///     #HttpOnly_.example.com  TRUE        /path  TRUE    1798675200         name  value
///     domain                  subdomains  path   secure  seconds or 0       (may be empty)
struct CookiesTxt {
  std::vector<Cookie> cookies;           ///< those that are not expired
  std::vector<std::string> other_lines;  ///< comments, and what could not be read; not the heading
};

[[nodiscard]] CookiesTxt read_cookies_txt(std::string_view text, Cookie::TimePoint now);
[[nodiscard]] std::string cookies_txt_of(const std::vector<Cookie>& cookies,
                                         const std::vector<std::string>& other_lines);

/// Both block for as long as the file system takes, and throw Error, Errc::io, with the path. A file that does not
/// exist is empty.
[[nodiscard]] std::string load_cookies_txt(const std::string& path);
void save_cookies_txt(const std::string& path, std::string_view text);

}  // namespace okhttp::internal
