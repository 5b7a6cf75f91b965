#include "route/environment_proxies.hpp"

#include <okhttp/error.hpp>
#include <okhttp/url.hpp>

#include <stdexcept>
#include <utility>

namespace okhttp::internal {
namespace {

std::optional<std::string> first_set(const char* (*get)(const char*), const char* lower, const char* upper) {
  const char* value = get(lower);
  if (value == nullptr && upper != nullptr) value = get(upper);
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace

ProxyVariables ProxyVariables::read(const char* (*get)(const char* name)) {
  const bool is_cgi = get("REQUEST_METHOD") != nullptr;
  ProxyVariables variables;
  variables.http = first_set(get, "http_proxy", is_cgi ? nullptr : "HTTP_PROXY");
  variables.https = first_set(get, "https_proxy", "HTTPS_PROXY");
  variables.all = first_set(get, "all_proxy", "ALL_PROXY");
  variables.except = first_set(get, "no_proxy", "NO_PROXY");
  return variables;
}

EnvironmentProxies::EnvironmentProxies(ProxyVariables variables)
    : variables_(std::move(variables)), exceptions_(variables_.except.value_or("")) {}

std::vector<Proxy> EnvironmentProxies::select(const Url& url) {
  const std::optional<std::string>& own = url.is_tls() ? variables_.https : variables_.http;
  const std::optional<std::string>& value = own.has_value() ? own : variables_.all;
  if (!value.has_value() || value->empty() || exceptions_.matches(url.host(), url.port())) return {};
  try {
    return {Proxy::parse(*value)};
  } catch (const std::invalid_argument& error) {
    const char* const name = !own.has_value() ? "all_proxy" : url.is_tls() ? "https_proxy" : "http_proxy";
    throw Error(Errc::proxy_failed, Blame::caller,
                std::string("the environment variable ") + name + ": " + error.what());
  }
}

}  // namespace okhttp::internal
