#include "okcurl/cookies.hpp"

#include <okhttp/error.hpp>

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "okcurl/exit_code.hpp"
#include "okcurl/output.hpp"
#include "okcurl/request_data.hpp"
#include "okcurl/terminal.hpp"

namespace okcurl {
namespace {

using okhttp::Cookie;
using okhttp::CookieJar;
using okhttp::MemoryCookieJar;
using okhttp::Url;

class Receiver final : public CookieJar {
 public:
  explicit Receiver(std::shared_ptr<MemoryCookieJar> jar) : jar_(std::move(jar)) {}
  void save_from_response(const Url& url, const std::vector<Cookie>& cookies) override {
    jar_->save_from_response(url, cookies);
  }
  std::vector<Cookie> load_for_request(const Url&) override { return {}; }

 private:
  const std::shared_ptr<MemoryCookieJar> jar_;
};

std::string content_of(const std::string& path) {
  std::error_code failure;
  if (path.empty() || (path != "-" && !std::filesystem::exists(path, failure))) return {};
  return read_whole_file(path);
}

}  // namespace

Cookies::Cookies(const Options& options) : receiver_(CookieJar::none()) {
  if (options.cookie_files.empty() && !options.cookie_jar.has_value()) return;
  jar_ = std::make_shared<MemoryCookieJar>();
  receiver_ = std::make_shared<Receiver>(jar_);
  for (const std::string& path : options.cookie_files) {
    for (const Cookie& cookie : okhttp::parse_cookies_txt(content_of(path), std::chrono::system_clock::now())) {
      if (cookie.is_persistent() || !options.junk_session_cookies) jar_->add(cookie);
    }
  }
}

std::string Cookies::field_for(const Url& url) const {
  constexpr std::size_t kMaxSize = 8190;  // as curl: servers refuse more
  std::string field;
  if (jar_ == nullptr) return field;
  for (const Cookie& cookie : jar_->load_for_request(url)) {
    const std::string next = cookie.name_and_value();
    if (field.size() + 2 + next.size() > kMaxSize) continue;
    if (!field.empty()) field += "; ";
    field += next;
  }
  return field;
}

void Cookies::save(const Options& options) const {
  if (!options.cookie_jar.has_value() || options.cookie_jar->empty()) return;
  const std::string& path = *options.cookie_jar;
  std::error_code failure;
  try {
    if (path == "-") {
      Output().write(okhttp::format_cookies_txt(jar_->cookies()));
    } else if (std::filesystem::exists(path, failure) && !std::filesystem::is_regular_file(path, failure)) {
      Output(path).write(okhttp::format_cookies_txt(jar_->cookies()));  // /dev/null and the like are not replaced
    } else {
      okhttp::write_cookies_txt(path, jar_->cookies());
    }
  } catch (const std::runtime_error& error) {
    if (options.silent && !options.show_error) return;
    write_to_stderr("Warning: the cookies were not saved: " + printable(error.what()) + '\n');
  }
}

}  // namespace okcurl
