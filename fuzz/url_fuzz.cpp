#include <okhttp/url.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

// The input's first line is a URL, the rest a reference to resolve against it.

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_printable(char c) { return c > ' ' && c < 0x7f; }

void check(const okhttp::Url& url) {
  const std::string& text = url.to_string();
  require(std::all_of(text.begin(), text.end(), is_printable));
  require(!url.host().empty() && url.host().find_first_of("/\\?#@%[] ") == std::string_view::npos);
  require(url.encoded_path().starts_with('/') && text.find(url.request_target()) != std::string::npos);
  require(okhttp::Url::parse(text) == url);

  require(url.path_segments().size() == url.path_size());
  for (std::size_t i = 0; i < std::min<std::size_t>(url.query_size(), 16); ++i) {
    require(!url.query_parameter_values(url.query_parameter_name(i)).empty());
  }
  (void)url.username();
  (void)url.password();
  (void)url.fragment();
  (void)url.top_private_domain();
  require(url.redact().find('@') == std::string::npos);

  const auto builder = url.new_builder();
  if (url.port() != 0) require(builder.build() == url);
  auto rebuilt = builder;
  rebuilt.host(url.host());
  require(rebuilt.build().host() == url.host());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = std::min(input.find('\n'), input.size());
  const auto base = okhttp::Url::try_parse(std::string_view(input).substr(0, newline));
  if (!base) return 0;
  check(*base);
  const auto resolved = base->resolve(std::string_view(input).substr(std::min(newline + 1, input.size())));
  if (resolved) check(*resolved);
  return 0;
}
