#include "okcurl/options.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>
#include <variant>

#include "okcurl/cache_choice.hpp"
#include "okcurl/exit_code.hpp"

namespace okcurl {
namespace {

using std::string_view;

struct BadNumber {};

// Both read a whole number as curl does: nothing may stand behind it.
long to_number(string_view text) {
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw BadNumber();
  return value;
}

/// A count that cannot be negative.
long to_count(string_view text) {
  const long value = to_number(text);
  if (value < 0) throw BadNumber();
  return value;
}

/// As many as curl permits.
std::size_t to_parallel_max(string_view text) {
  constexpr long kMost = 300;
  const long value = to_number(text);
  if (value < 1 || value > kMost) throw BadNumber();
  return static_cast<std::size_t>(value);
}

std::uint64_t to_size(string_view text) {
  const std::optional<std::uint64_t> size = parse_size(text);
  if (!size.has_value()) throw BadNumber();
  return *size;
}

std::string to_offset(string_view text) {
  if (text != "-") static_cast<void>(to_count(text));
  return std::string(text);
}

std::chrono::milliseconds to_seconds(string_view text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  constexpr double kMost = 1e9;
  if (error != std::errc() || end != text.data() + text.size() || !(seconds >= 0) || seconds > kMost) throw BadNumber();
  // Something above 0 must not become 0, which means for ever.
  const auto time = std::chrono::milliseconds(static_cast<long long>(seconds * 1000));
  return seconds > 0 ? std::max(time, std::chrono::milliseconds(1)) : time;
}

void add_data(Options& options, DataPart::Kind kind, string_view value) {
  options.data.push_back(DataPart{kind, std::string(value)});
}

/// As curl tells them apart: what has a '=' is cookies, anything else a file.
void add_cookies(Options& options, string_view value) {
  if (value.find('=') == string_view::npos) {
    options.cookie_files.emplace_back(value);
    return;
  }
  if (!options.cookies.empty()) options.cookies += "; ";
  options.cookies += value;
}

/// A scheme in the value counts more than the option's own.
void set_proxy(Options& options, string_view scheme, string_view value) {
  options.proxy =
      value.find("://") != string_view::npos ? std::string(value) : std::string(scheme) + std::string(value);
}

[[noreturn]] void refuse(string_view option, string_view why) {
  throw Failure(ExitCode::usage, "option " + std::string(option) + ": " + std::string(why));
}

std::optional<okhttp::TlsVersion> to_tls_version(string_view text) {
  using okhttp::TlsVersion;
  if (text == "default") return std::nullopt;
  if (text == "1.0") return TlsVersion::tls_1_0;
  if (text == "1.1") return TlsVersion::tls_1_1;
  if (text == "1.2") return TlsVersion::tls_1_2;
  if (text == "1.3") return TlsVersion::tls_1_3;
  refuse("--tls-max", "is badly used here");
}

using Flag = bool Options::*;
using Text = std::optional<std::string> Options::*;
using Setter = void (*)(Options&, string_view);
using Act = void (*)(Options&);

struct Rule {
  char letter;  // 0 when there is none
  string_view name;
  std::variant<Flag, Text, Setter, Act> effect;

  [[nodiscard]] bool takes_value() const {
    return std::holds_alternative<Text>(effect) || std::holds_alternative<Setter>(effect);
  }
};

// curl's options that are supported, in the order of --help. A table and not a library for command lines: in curl
// whatever stands behind an option is its value ("-d -5", "-d [1,2]"), "--data=x" is no option, and order counts.
const Rule kRules[] = {
    {'X', "request", &Options::method},
    {'H', "header", Setter([](Options& o, string_view v) { o.headers.emplace_back(v); })},
    {'d', "data", Setter([](Options& o, string_view v) { add_data(o, DataPart::Kind::text, v); })},
    {0, "data-ascii", Setter([](Options& o, string_view v) { add_data(o, DataPart::Kind::text, v); })},
    {0, "data-binary", Setter([](Options& o, string_view v) { add_data(o, DataPart::Kind::binary, v); })},
    {0, "data-raw", Setter([](Options& o, string_view v) { add_data(o, DataPart::Kind::raw, v); })},
    {0, "data-urlencode", Setter([](Options& o, string_view v) { add_data(o, DataPart::Kind::url_encode, v); })},
    {'G', "get", &Options::data_in_query},
    {'I', "head", Act([](Options& o) { o.head = o.include_heads = true; })},
    {'A', "user-agent", &Options::user_agent},
    {'e', "referer", &Options::referer},
    {'u', "user", &Options::user},
    {0, "basic", &Options::basic},
    {0, "digest", &Options::digest},
    {0, "anyauth", &Options::any_auth},
    {0, "oauth2-bearer", &Options::oauth2_bearer},
    {'b', "cookie", Setter([](Options& o, string_view v) { add_cookies(o, v); })},
    {'c', "cookie-jar", &Options::cookie_jar},
    {'j', "junk-session-cookies", &Options::junk_session_cookies},
    {'r', "range", &Options::range},
    {'C', "continue-at", Setter([](Options& o, string_view v) { o.continue_at = to_offset(v); })},
    {0, "compressed", &Options::compressed},
    {'L', "location", &Options::follow},
    {0, "max-redirs", Setter([](Options& o, string_view v) { o.max_redirects = to_number(v); })},
    {'o', "output", Setter([](Options& o, string_view v) {
       using Kind = Destination::Kind;
       o.destinations.push_back(Destination{v == "-" ? Kind::standard_output : Kind::file, std::string(v)});
     })},
    {'O', "remote-name", Act([](Options& o) {
       o.destinations.push_back(Destination{Destination::Kind::remote_name, {}});
     })},
    {0, "remote-name-all", &Options::remote_name_all},
    {0, "output-dir", &Options::output_folder},
    {0, "create-dirs", &Options::create_folders},
    {'i', "include", &Options::include_heads},
    {'f', "fail", &Options::fail},
    {'s', "silent", &Options::silent},
    {'S', "show-error", &Options::show_error},
    {'v', "verbose", &Options::verbose},
    {'N', "no-buffer", &Options::no_buffer},
    {'k', "insecure", &Options::insecure},
    {0, "cacert", &Options::ca_file},
    {0, "tlsv1.0", Act([](Options& o) { o.tls_min = okhttp::TlsVersion::tls_1_0; })},
    {0, "tlsv1.1", Act([](Options& o) { o.tls_min = okhttp::TlsVersion::tls_1_1; })},
    {0, "tlsv1.2", Act([](Options& o) { o.tls_min = okhttp::TlsVersion::tls_1_2; })},
    {0, "tlsv1.3", Act([](Options& o) { o.tls_min = okhttp::TlsVersion::tls_1_3; })},
    {0, "tls-max", Setter([](Options& o, string_view v) { o.tls_max = to_tls_version(v); })},
    {0, "ciphers", &Options::ciphers},
    {0, "tls13-ciphers", &Options::tls13_ciphers},
    {0, "pinnedpubkey", &Options::pinned_keys},
    {'x', "proxy", &Options::proxy},
    {'U', "proxy-user", &Options::proxy_user},
    {0, "proxy-basic", &Options::proxy_basic},
    {0, "proxy-digest", &Options::proxy_digest},
    {0, "proxy-anyauth", &Options::proxy_any_auth},
    {0, "socks4", Setter([](Options& o, string_view v) { set_proxy(o, "socks4://", v); })},
    {0, "socks4a", Setter([](Options& o, string_view v) { set_proxy(o, "socks4a://", v); })},
    {0, "socks5", Setter([](Options& o, string_view v) { set_proxy(o, "socks5://", v); })},
    {0, "socks5-hostname", Setter([](Options& o, string_view v) { set_proxy(o, "socks5h://", v); })},
    {0, "noproxy", &Options::no_proxy},
    {0, "resolve", Setter([](Options& o, string_view v) { o.resolve.emplace_back(v); })},
    {0, "doh-url", &Options::doh_url},
    {0, "doh-insecure", &Options::doh_insecure},
    {'4', "ipv4", Act([](Options& o) { o.family = AddressFamily::ipv4; })},
    {'6', "ipv6", Act([](Options& o) { o.family = AddressFamily::ipv6; })},
    {0, "interface", &Options::interface},
    {0, "unix-socket", &Options::unix_socket},
    {0, "cache", &Options::cache},
    {0, "cache-size", &Options::cache_size},
    {0, "cache-stats", &Options::cache_stats},
    {0, "offline", &Options::offline},
    {0, "http1.1", Act([](Options& o) { o.http_version = HttpVersion::http_1_1; })},
    {0, "http2", Act([](Options& o) { o.http_version = HttpVersion::http_2; })},
    {0, "http2-prior-knowledge", Act([](Options& o) { o.http_version = HttpVersion::http_2_prior_knowledge; })},
    {0, "limit-rate", Setter([](Options& o, string_view v) { o.limit_rate = to_size(v); })},
    {0, "retry", Setter([](Options& o, string_view v) { o.retries = to_count(v); })},
    {0, "retry-delay", Setter([](Options& o, string_view v) { o.retry_delay = to_seconds(v); })},
    {0, "retry-max-time", Setter([](Options& o, string_view v) { o.retry_max_time = to_seconds(v); })},
    {0, "retry-connrefused", &Options::retry_refused},
    {0, "retry-all-errors", &Options::retry_all_errors},
    {0, "fail-early", &Options::fail_early},
    {'Z', "parallel", &Options::parallel},
    {0, "parallel-max", Setter([](Options& o, string_view v) { o.parallel_max = to_parallel_max(v); })},
    {0, "parallel-immediate", &Options::parallel_immediate},
    {'m', "max-time", Setter([](Options& o, string_view v) { o.max_time = to_seconds(v); })},
    {0, "connect-timeout", Setter([](Options& o, string_view v) { o.connect_timeout = to_seconds(v); })},
    {'g', "globoff", &Options::no_globbing},
    {0, "url", Setter([](Options& o, string_view v) { o.urls.emplace_back(v); })},
    {'h', "help", Act([](Options& o) { o.action = Options::Action::help; })},
    {'V', "version", Act([](Options& o) { o.action = Options::Action::version; })},
};

class Parser {
 public:
  explicit Parser(std::span<const string_view> arguments) : left_(arguments) {}

  Options parse() {
    bool options_end = false;
    while (!left_.empty()) {
      const string_view argument = take();
      if (options_end || argument.empty() || argument.front() != '-') {
        options_.urls.emplace_back(argument);
      } else if (argument == "--") {
        options_end = true;
      } else if (argument.starts_with("--")) {
        long_option(argument);
      } else {
        letters(argument);
      }
    }
    return std::move(options_);
  }

 private:
  string_view take() {
    const string_view first = left_.front();
    left_ = left_.subspan(1);
    return first;
  }

  void long_option(string_view argument) {
    const string_view name = argument.substr(2);
    if (const Rule* rule = find(name)) return apply(*rule, argument, std::nullopt);
    if (name.starts_with("no-")) {
      const Rule* const rule = find(name.substr(3));
      const Flag* const flag = rule != nullptr ? std::get_if<Flag>(&rule->effect) : nullptr;
      if (flag != nullptr) {
        options_.*(*flag) = false;
        return;
      }
    }
    refuse(argument, "is not supported");
  }

  /// "-sSL" is three options, "-XPUT" one with its value.
  void letters(string_view argument) {
    if (argument.size() == 1) refuse(argument, "is not supported");
    for (std::size_t i = 1; i < argument.size(); ++i) {
      const std::string option = {'-', argument[i]};
      const auto* rule = std::find_if(std::begin(kRules), std::end(kRules),
                                      [&](const Rule& candidate) { return candidate.letter == argument[i]; });
      if (rule == std::end(kRules)) refuse(option, "is not supported");
      const string_view rest = argument.substr(i + 1);
      if (rule->takes_value()) return apply(*rule, option, rest.empty() ? std::nullopt : std::optional(rest));
      apply(*rule, option, std::nullopt);
    }
  }

  static const Rule* find(string_view name) {
    const auto* rule = std::find_if(std::begin(kRules), std::end(kRules),
                                    [&](const Rule& candidate) { return candidate.name == name; });
    return rule != std::end(kRules) ? rule : nullptr;
  }

  void apply(const Rule& rule, string_view option, std::optional<string_view> value) {
    if (rule.takes_value() && !value.has_value()) {
      // What follows is the value, whatever it looks like.
      if (left_.empty()) refuse(option, "requires parameter");
      value = take();
    }
    if (const Flag* flag = std::get_if<Flag>(&rule.effect)) {
      options_.*(*flag) = true;
    } else if (const Text* text = std::get_if<Text>(&rule.effect)) {
      (options_.*(*text)).emplace(*value);
    } else if (const Setter* set = std::get_if<Setter>(&rule.effect)) {
      try {
        (*set)(options_, *value);
      } catch (const BadNumber&) {
        refuse(option, "expected a proper numerical parameter");
      }
    } else {
      std::get<Act>(rule.effect)(options_);
    }
  }

  std::span<const string_view> left_;
  Options options_;
};

void check(const Options& options) {
  if (options.action != Options::Action::transfer) return;
  if (options.urls.empty()) throw Failure(ExitCode::usage, "no URL specified");
  if (options.continue_at.has_value() && options.range.has_value()) refuse("-C", "excludes -r");
  if (options.continue_at.has_value() && !options.data.empty() && !options.data_in_query) {
    refuse("-C", "continues downloads, and excludes -d");
  }
  if (options.head && !options.data.empty() && !options.data_in_query) {
    throw Failure(
        ExitCode::usage,
        "you can only select one HTTP request method: both POST (-d, --data) and HEAD (-I, --head) were given");
  }
}

}  // namespace

Options parse_options(std::span<const string_view> arguments) {
  Options options = Parser(arguments).parse();
  check(options);
  return options;
}

}  // namespace okcurl
