#pragma once

#include <okhttp/authenticator.hpp>
#include <okhttp/request.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "okcurl/credentials.hpp"
#include "okcurl/options.hpp"
#include "okcurl/target.hpp"

namespace okcurl {

/// True for request headers that prove who asks: they are sent to the first origin only, and never shown.
[[nodiscard]] bool is_secret_request_header(std::string_view name);

/// One request on the way along redirects.
struct Hop {
  Target target;
  Target first;  // where the way began
  bool has_body = false;
  std::string referer;       // empty: none
  std::uint64_t offset = 0;  // what comes before it is not asked for
};

/// Makes the requests that the command line asks for. Reads files and standard input once.
class RequestPlan {
 public:
  /// Throws Failure: usage, read_error.
  explicit RequestPlan(const Options& options);

  /// The first request of a URL. Throws Failure as parse_target() does.
  [[nodiscard]] Hop begin(const Target& target, std::uint64_t offset = 0) const;
  /// The next one after a redirect with that code.
  [[nodiscard]] Hop follow(const Hop& from, int code, Target to) const;
  /// `kept_cookies`, a Cookie field or nothing, go before those of the command line. Throws Failure(ExitCode::usage)
  /// for what cannot be sent.
  [[nodiscard]] okhttp::Request request(const Hop& hop, std::string kept_cookies = {}) const;

  /// Answers challenges to that request; Authenticator::none() when its credentials are in it already. Throws as
  /// request() does.
  [[nodiscard]] std::shared_ptr<okhttp::Authenticator> authenticator(const Hop& hop) const;

  /// Headers that the library adds and that curl would not send, or that the user took away.
  [[nodiscard]] const std::vector<std::string>& unwanted_headers() const noexcept { return unwanted_; }

 private:
  void read_header_line(std::string_view line);
  [[nodiscard]] bool is_given(std::string_view name) const;
  [[nodiscard]] bool is_removed(std::string_view name) const;
  void add_default(okhttp::Request::Builder& request, std::string_view name, std::string_view value) const;
  void add_credentials(okhttp::Request::Builder& request, const Hop& hop) const;
  void add_cookies(okhttp::Request::Builder& request, const Hop& hop, std::string kept) const;
  void add_given(okhttp::Request::Builder& request, const Hop& hop) const;
  void choose_method(okhttp::Request::Builder& request, const Hop& hop) const;

  std::optional<std::string> method_;
  bool head_;
  bool auto_referer_ = false;
  std::string referer_;
  std::string user_agent_;
  std::string range_;
  std::string cookies_;
  std::optional<std::pair<std::string, std::string>> user_;
  std::optional<std::string> bearer_;
  AuthScheme scheme_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::vector<std::string> removed_;
  std::vector<std::string> unwanted_;
  okhttp::RequestBodyPtr body_;       // null when there is none
  std::optional<std::string> query_;  // what -G appends
  bool compressed_;
  bool offline_;
};

}  // namespace okcurl
