#pragma once

#include <chrono>
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

/// What the command line says.
struct Options {
  enum class Action { transfer, help, version };
  Action action = Action::transfer;

  std::vector<std::string> urls;
  std::vector<Destination> destinations;  // the first is for the first URL, and so on

  std::optional<std::string> method;
  std::vector<std::string> headers;
  std::vector<DataPart> data;
  std::optional<std::string> user_agent;
  std::optional<std::string> referer;
  std::optional<std::string> user;
  std::optional<std::string> range;
  std::optional<std::string> ca_file;

  bool head = false;
  bool data_in_query = false;
  bool include_heads = false;
  bool follow = false;
  bool compressed = false;
  bool fail = false;
  bool insecure = false;
  bool verbose = false;
  bool silent = false;
  bool show_error = false;
  bool no_globbing = false;
  bool no_buffer = false;  // always so: what arrives is written at once

  HttpVersion http_version = HttpVersion::any;
  long max_redirects = 50;  // below 0: without end
  std::chrono::milliseconds max_time{0};
  std::chrono::milliseconds connect_timeout{0};
};

/// Reads the arguments as curl does. Throws Failure(ExitCode::usage) that names the option for one that is not
/// supported, lacks its value or has a bad one.
[[nodiscard]] Options parse_options(std::span<const std::string_view> arguments);

}  // namespace okcurl
