#pragma once

#include <okhttp/tls_version.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace okcurl {

/// Where one URL's content goes.
struct Destination {
  enum class Kind { standard_output, file, remote_name };
  Kind kind = Kind::standard_output;
  std::string path;  // of a file
};

/// One -d or its kin, not looked at yet.
struct DataPart {
  enum class Kind { text, binary, raw, url_encode };
  Kind kind = Kind::text;
  std::string value;
};

/// What --http1.1 and its kind ask for; the last one counts.
enum class HttpVersion : std::uint8_t { any, http_1_1, http_2, http_2_prior_knowledge };

/// -4 and -6; the last one counts.
enum class AddressFamily : std::uint8_t { any, ipv4, ipv6 };

/// What the command line says.
struct Options {
  enum class Action { transfer, help, version };
  Action action = Action::transfer;

  std::vector<std::string> urls;
  std::vector<Destination> destinations;  // the first is for the first URL, and so on

  bool remote_name_all = false;  // for the URLs without a destination of their own
  std::optional<std::string> output_folder;
  bool create_folders = false;

  std::optional<std::string> method;
  std::vector<std::string> headers;
  std::vector<DataPart> data;
  std::string cookies;                    // what -b says itself, several joined
  std::vector<std::string> cookie_files;  // that -b names; an empty name only keeps cookies
  std::optional<std::string> cookie_jar;
  std::optional<std::string> user_agent;
  std::optional<std::string> referer;
  std::optional<std::string> user;
  std::optional<std::string> oauth2_bearer;
  std::optional<std::string> range;
  std::optional<std::string> continue_at;  // an offset, or "-": where the file ends
  std::optional<std::string> ca_file;
  std::optional<std::string> ciphers;
  std::optional<std::string> tls13_ciphers;
  std::optional<okhttp::TlsVersion> tls_min;  // of --tlsv1.2 and its kind the last one counts
  std::optional<okhttp::TlsVersion> tls_max;
  std::optional<std::string> pinned_keys;
  std::optional<std::string> proxy;  // what --proxy and the --socks options say, as --proxy would; the last one counts
  std::optional<std::string> proxy_user;
  std::optional<std::string> no_proxy;
  std::vector<std::string> resolve;  // values of --resolve, not looked at yet
  std::optional<std::string> doh_url;
  std::optional<std::string> interface;  // of --interface, not looked at yet
  std::optional<std::string> unix_socket;
  std::optional<std::string> cache;       // the directory
  std::optional<std::string> cache_size;  // not looked at yet

  bool basic = false;  // the schemes that may answer a challenge; none: Basic, shown beforehand
  bool digest = false;
  bool any_auth = false;
  bool proxy_basic = false;
  bool proxy_digest = false;
  bool proxy_any_auth = false;
  bool head = false;
  bool junk_session_cookies = false;
  bool data_in_query = false;
  bool include_heads = false;
  bool follow = false;
  bool compressed = false;
  bool fail = false;
  bool insecure = false;
  bool doh_insecure = false;
  bool cache_stats = false;
  bool offline = false;
  bool verbose = false;
  bool silent = false;
  bool show_error = false;
  bool no_globbing = false;
  bool fail_early = false;
  bool parallel = false;
  bool parallel_immediate = false;
  bool retry_refused = false;
  bool retry_all_errors = false;
  bool no_buffer = false;  // always so: what arrives is written at once

  HttpVersion http_version = HttpVersion::any;
  AddressFamily family = AddressFamily::any;
  long max_redirects = 50;       // below 0: without end
  std::uint64_t limit_rate = 0;  // bytes a second, each way; 0: without a limit
  std::size_t parallel_max = 50;
  long retries = 0;
  std::chrono::milliseconds retry_delay{0};     // 0: one second, and twice as long each time
  std::chrono::milliseconds retry_max_time{0};  // 0: without end
  std::chrono::milliseconds max_time{0};
  std::chrono::milliseconds connect_timeout{0};
};

/// Reads the arguments as curl does. Throws Failure(ExitCode::usage) that names the option for one that is not
/// supported, lacks its value or has a bad one.
[[nodiscard]] Options parse_options(std::span<const std::string_view> arguments);

}  // namespace okcurl
