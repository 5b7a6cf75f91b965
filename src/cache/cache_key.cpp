#include "cache/cache_key.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <new>
#include <vector>

#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(std::size_t{2} * size);
  for (unsigned i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4U];
    hex += kDigits[digest[i] & 15U];
  }
  return hex;
}

/// The names in lower case, in order, each once: servers list them as they like.
std::vector<std::string> vary_names(const Headers& response) {
  std::vector<std::string> names;
  for (std::size_t i = response.find("Vary"); i < response.size(); i = response.find("Vary", i + 1)) {
    for_each_list_element(response.value(i), [&](std::string_view element) {
      std::string name(element);
      std::transform(name.begin(), name.end(), name.begin(), to_lower);
      names.push_back(std::move(name));
    });
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

/// The fields of that name as one text; a field that is missing differs from one that is empty.
void append_field(std::string& text, const Headers& headers, std::string_view name) {
  text += name;
  for (std::size_t i = headers.find(name); i < headers.size(); i = headers.find(name, i + 1)) {
    text += '\n';
    text += headers.value(i);
  }
  text += '\0';
}

/// RFC 9110 §7.1: a Host field of the caller's own names another target than the URL does. What answers it must not be
/// taken for what the URL names, nor the other way round.
bool is_for_host_of_url(const Request& request) noexcept {
  const Headers& headers = request.headers();
  for (std::size_t i = headers.find("Host"); i < headers.size(); i = headers.find("Host", i + 1)) {
    if (!equals_ignore_case_inline(headers.value(i), request.url().host_header())) return false;
  }
  return true;
}

}  // namespace

std::string cache_url(const Url& url) {
  std::string text = url.to_string();
  // RFC 9111 §2: the fragment is the client's own business.
  const std::size_t fragment = text.find('#');
  if (fragment != std::string::npos) text.resize(fragment);
  // User information says nothing to the server, and has no business in a store.
  const std::size_t authority = text.find("//") + 2;
  const std::size_t at = text.find('@', authority);
  if (at < text.find('/', authority)) text.erase(authority, at + 1 - authority);
  return text;
}

std::optional<CacheKey> cache_key(const Request& request) {
  // RFC 9110 §7.8: what answers a change of protocol is a connection, not a response.
  if (request.headers().contains("Upgrade")) return std::nullopt;
  const std::string& method = request.method();
  const Url* const override_url = request.cache_url_override();
  const bool may_override = override_url != nullptr && (method == "GET" || method == "POST" || method == "QUERY");
  if (!may_override && method != "GET" && method != "HEAD") return std::nullopt;
  if (!may_override && !is_for_host_of_url(request)) return std::nullopt;
  std::string credential;
  if (request.headers().contains("Authorization")) {
    std::string text;
    append_field(text, request.headers(), "Authorization");
    credential = sha256_hex(text);
  }
  return CacheKey(cache_url(may_override ? *override_url : request.url()), std::move(credential));
}

std::string variant_of(const Request& request, const Headers& response) {
  const std::vector<std::string> names = vary_names(response);
  if (names.empty()) return std::string();
  std::string text;
  for (const std::string& name : names) append_field(text, request.headers(), name);
  return sha256_hex(text);
}

}  // namespace okhttp::internal
