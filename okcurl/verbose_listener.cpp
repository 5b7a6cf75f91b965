#include "okcurl/verbose_listener.hpp"

#include <okhttp/certificate.hpp>
#include <okhttp/connection_info.hpp>
#include <okhttp/handshake.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/http_date.hpp>
#include <okhttp/request.hpp>
#include <okhttp/response.hpp>

#include "okcurl/head_text.hpp"
#include "okcurl/request_plan.hpp"
#include "okcurl/terminal.hpp"

namespace okcurl {
namespace {

using okhttp::Headers;

bool is_secret(std::string_view name) {
  return is_secret_request_header(name) || okhttp::equals_ignore_case(name, "Set-Cookie") ||
         okhttp::equals_ignore_case(name, "Set-Cookie2") || okhttp::equals_ignore_case(name, "Authentication-Info");
}

const char* colour_of(char mark) {
  switch (mark) {
    case '>':
      return "\x1b[32m";
    case '<':
      return "\x1b[36m";
    default:
      return "\x1b[2m";
  }
}

}  // namespace

ConnectionNumbers::Number ConnectionNumbers::of(std::uint64_t connection_id) {
  const std::lock_guard lock(mutex_);
  const auto [place, is_new] = numbers_.try_emplace(connection_id, numbers_.size());
  return Number{place->second, is_new};
}

std::string VerboseListener::line_of(char mark, std::string_view text) const {
  std::string whole = std::string(1, mark) + ' ' + printable(text);
  if (has_colours_) whole = colour_of(mark) + whole + "\x1b[0m";
  return whole + '\n';
}

void VerboseListener::head(char mark, std::string_view first, const Headers& headers) {
  std::string text = line_of(mark, first);
  for (const Headers::Field field : headers) {
    const std::string value(is_secret(field.name) ? "<redacted>" : field.value);
    text += line_of(mark, std::string(field.name) + ": " + value);
  }
  write_(text + line_of(mark, ""));
}

void VerboseListener::cache_hit(const okhttp::Call&, const okhttp::Response& response, okhttp::CacheReason reason) {
  note("Answered from the cache: " + std::string(to_string(reason)));
  head('<', status_line(response), response.headers());
}

void VerboseListener::cache_miss(const okhttp::Call&, okhttp::CacheReason reason) {
  note("Not answered from the cache: " + std::string(to_string(reason)));
}

void VerboseListener::cache_conditional_hit(const okhttp::Call&, const okhttp::Response&, okhttp::CacheReason reason) {
  note("In the cache, to be confirmed: " + std::string(to_string(reason)));
}

void VerboseListener::satisfaction_failure(const okhttp::Call&, const okhttp::Response&, okhttp::CacheReason reason) {
  note("Offline, and of no use in the cache: " + std::string(to_string(reason)));
}

void VerboseListener::proxy_select_end(const okhttp::Call&, const okhttp::Url&,
                                       const std::vector<okhttp::Proxy>& proxies, const okhttp::Error*) {
  for (const okhttp::Proxy& proxy : proxies) {
    if (!proxy.is_direct()) note("Uses proxy " + proxy.to_string());
  }
}

void VerboseListener::dns_end(const okhttp::Call&, std::string_view host,
                              const std::vector<okhttp::IpAddress>& addresses, const okhttp::Error* error) {
  if (error != nullptr) return;
  std::string text = "Host " + std::string(host) + " is";
  for (const okhttp::IpAddress& address : addresses) text += ' ' + address.to_string();
  note(text);
}

std::string VerboseListener::text_of(const okhttp::Endpoint& endpoint) const {
  return unix_socket_.empty() ? endpoint.to_string() : "unix:" + unix_socket_;
}

void VerboseListener::connect_start(const okhttp::Call&, AttemptId, const okhttp::Endpoint& to) {
  note("  Trying " + text_of(to) + "...");
}

void VerboseListener::secure_connect_end(const okhttp::Call&, AttemptId, const okhttp::Handshake* handshake,
                                         const okhttp::Error* error) {
  if (handshake == nullptr) {
    if (error != nullptr) note(std::string("TLS failed: ") + error->what());
    return;
  }
  note("SSL connection using " + std::string(to_string(handshake->tls_version())) + " / " + handshake->cipher_suite());
  if (handshake->peer_certificates().empty()) return;
  const okhttp::Certificate& server = handshake->peer_certificates().front();
  note("Server certificate:");
  note(" subject: " + server.subject());
  note(" start date: " + okhttp::format_http_date(server.not_before()));
  note(" expire date: " + okhttp::format_http_date(server.not_after()));
  note(" issuer: " + server.issuer());
}

void VerboseListener::connect_end(const okhttp::Call&, AttemptId, const okhttp::Endpoint&, okhttp::Protocol protocol) {
  note("Using protocol " + std::string(to_string(protocol)));
}

void VerboseListener::connect_failed(const okhttp::Call&, AttemptId, const okhttp::Endpoint& to,
                                     const okhttp::Error& error) {
  note("Connecting to " + text_of(to) + " failed: " + error.what());
}

void VerboseListener::connection_acquired(const okhttp::Call&, const okhttp::ConnectionInfo& connection) {
  protocol_ = connection.protocol();
  const ConnectionNumbers::Number given = numbers_->of(connection.id());
  const std::string number = std::to_string(given.value);
  if (!given.is_new) {
    note("Re-using existing connection #" + number + " with host " + connection.host());
    return;
  }
  const std::string peer = unix_socket_.empty() ? connection.peer().address.to_string() : text_of(connection.peer());
  note("Connected to " + connection.host() + " (" + peer + ") port " + std::to_string(connection.port()) + " (#" +
       number + ")");
}

void VerboseListener::connection_released(const okhttp::Call&, const okhttp::ConnectionInfo& connection) {
  note("Connection #" + std::to_string(numbers_->of(connection.id()).value) + " to host " + connection.host() +
       " released");
}

void VerboseListener::request_headers_end(const okhttp::Call&, const okhttp::Request& request) {
  const std::string first =
      request.method() + ' ' + std::string(request.url().request_target()) + ' ' + std::string(version_text(protocol_));
  head('>', first, request.headers());
}

void VerboseListener::request_body_end(const okhttp::Call&, std::uint64_t bytes) {
  line('}', "[" + std::to_string(bytes) + " bytes data]");
}

void VerboseListener::informational(const okhttp::Call&, int code, const Headers& fields) {
  head('<', std::string(version_text(protocol_)) + ' ' + std::to_string(code), fields);
}

void VerboseListener::response_headers_end(const okhttp::Call&, const okhttp::Response& response) {
  head('<', status_line(response), response.headers());
}

void VerboseListener::response_body_end(const okhttp::Call&, std::uint64_t bytes) {
  if (bytes > 0) line('{', "[" + std::to_string(bytes) + " bytes data]");
}

void VerboseListener::retry_decision(const okhttp::Call&, const okhttp::Error& error, bool retry) {
  if (retry) note(std::string("Trying again: ") + error.what());
}

}  // namespace okcurl
