#include "okcurl/credentials.hpp"

#include <unistd.h>

#include <stdexcept>

#include "okcurl/exit_code.hpp"

namespace okcurl {

std::pair<std::string, std::string> credentials_of(const std::string& user, const char* whose, const char* option) {
  if (const std::size_t colon = user.find(':'); colon != std::string::npos) {
    return {user.substr(0, colon), user.substr(colon + 1)};
  }
  const std::string prompt = "Enter " + std::string(whose) + " password for user '" + user + "':";
  const char* const password = ::getpass(prompt.c_str());  // NOLINT(concurrency-mt-unsafe): there is one thread yet
  if (password == nullptr) {
    throw Failure(ExitCode::usage, "option " + std::string(option) +
                                       ": there is no terminal to ask for the password; write name:password");
  }
  return {user, password};
}

AuthScheme server_scheme(const Options& options) noexcept {
  if (options.any_auth || (options.basic && options.digest)) return AuthScheme::any;
  return options.digest ? AuthScheme::digest : AuthScheme::basic;
}

AuthScheme proxy_scheme(const Options& options) noexcept {
  if (options.proxy_any_auth) return AuthScheme::any;
  return options.proxy_digest ? AuthScheme::digest : AuthScheme::basic;
}

std::shared_ptr<okhttp::Authenticator> authenticator_of(AuthScheme scheme, const std::string& user,
                                                        const std::string& password, const std::string& host) {
  using okhttp::Authenticator;
  try {
    std::shared_ptr<Authenticator> digest = Authenticator::digest(user, password, host);
    if (scheme == AuthScheme::digest) return digest;
    return Authenticator::by_scheme(
        {{"Digest", std::move(digest)}, {"Basic", Authenticator::basic(user, password, host)}});
  } catch (const std::invalid_argument& problem) {
    throw Failure(ExitCode::usage, problem.what());
  }
}

}  // namespace okcurl
