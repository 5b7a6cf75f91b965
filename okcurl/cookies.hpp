#pragma once

#include <okhttp/cookie_jar.hpp>

#include <memory>
#include <string>

#include "okcurl/options.hpp"

namespace okcurl {

/// What -b, -c and -j ask for: the cookies of files and of responses, from the first URL to the last.
class Cookies {
 public:
  /// Reads the files. One that does not exist is empty, as in curl. Throws Failure(ExitCode::read_error).
  explicit Cookies(const Options& options);

  /// Where responses put their cookies; CookieJar::none() unless cookies were asked for. It gives none to requests: a
  /// client's jar would replace what -b says, to which field_for() is added.
  [[nodiscard]] const std::shared_ptr<okhttp::CookieJar>& receiver() const noexcept { return receiver_; }
  /// What a request for `url` carries of them, as a Cookie field; empty when there are none.
  [[nodiscard]] std::string field_for(const okhttp::Url& url) const;
  /// Writes what -c asks for. As in curl, a failure changes no exit code: it is told as a warning.
  void save(const Options& options) const;

 private:
  std::shared_ptr<okhttp::MemoryCookieJar> jar_;  // null when nothing asks for cookies
  std::shared_ptr<okhttp::CookieJar> receiver_;
};

}  // namespace okcurl
