#include <okhttp/authenticator.hpp>
#include <okhttp/challenge.hpp>
#include <okhttp/credentials.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>

#include <stdexcept>
#include <utility>

#include "http/authenticator_host.hpp"
#include "http/url_host.hpp"

namespace okhttp {
namespace internal {

std::string canonical_host(std::string_view host) {
  std::string canonical;
  if (host.empty()) return canonical;
  const bool has_colon = host.find(':') != std::string_view::npos && host.front() != '[';
  const std::string text = has_colon ? '[' + std::string(host) + ']' : std::string(host);
  const HostResult result = append_host(canonical, text);
  if (result.problem != UrlProblem::none) {
    throw std::invalid_argument("Authenticator: not a host: " + std::string(host));
  }
  if (result.kind == HostKind::ipv6) canonical = canonical.substr(1, canonical.size() - 2);
  return canonical;
}

Request with_credentials(const Response& response, std::string_view credentials) {
  return response.request().new_builder().header(authorization_field(response), credentials).build();
}

}  // namespace internal

namespace {

class NoAuthenticator final : public Authenticator {
 public:
  Task<std::optional<Request>> authenticate(const RouteInfo&, const Response&) override { co_return std::nullopt; }
};

std::string as_latin1_if_possible(std::string_view user, std::string_view password) {
  try {
    return basic_credentials(user, password, CredentialsCharset::latin1);
  } catch (const std::invalid_argument&) {
    return basic_credentials(user, password, CredentialsCharset::utf8);
  }
}

class BasicAuthenticator final : public Authenticator {
 public:
  BasicAuthenticator(std::string_view user, std::string_view password, std::string host)
      : utf8_(basic_credentials(user, password, CredentialsCharset::utf8)),
        usual_(as_latin1_if_possible(user, password)),
        host_(std::move(host)) {}

  Task<std::optional<Request>> authenticate(const RouteInfo& route, const Response& response) override {
    const std::string* const credentials = answer_to(response, internal::challenger(route, response));
    const char* const field = internal::authorization_field(response);
    if (credentials == nullptr || was_refused(response.request().header(field))) co_return std::nullopt;
    std::optional<Request> request(internal::with_credentials(response, *credentials));
    co_return request;
  }

 private:
  [[nodiscard]] const std::string* answer_to(const Response& response, const std::string& challenger) const {
    if (!host_.empty() && host_ != challenger) return nullptr;
    for (const Challenge& challenge : response.challenges()) {
      if (challenge.is_scheme("Basic")) return challenge.wants_utf8() ? &utf8_ : &usual_;
      if (challenge.is_scheme(kPreemptive) && !host_.empty()) return &usual_;
    }
    return nullptr;
  }
  [[nodiscard]] bool was_refused(std::optional<std::string_view> shown) const {
    return shown.has_value() && (*shown == utf8_ || *shown == usual_);
  }

  const std::string utf8_;
  const std::string usual_;
  const std::string host_;
};

}  // namespace

std::shared_ptr<Authenticator> Authenticator::none() {
  static const std::shared_ptr<Authenticator> nobody = std::make_shared<NoAuthenticator>();
  return nobody;
}

std::shared_ptr<Authenticator> Authenticator::basic(std::string_view user, std::string_view password,
                                                    std::string_view host) {
  return std::make_shared<BasicAuthenticator>(user, password, internal::canonical_host(host));
}

}  // namespace okhttp
