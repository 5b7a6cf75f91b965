#include "okcurl/cache_choice.hpp"

#include <charconv>
#include <limits>
#include <system_error>

#include "okcurl/exit_code.hpp"
#include "okcurl/terminal.hpp"

namespace okcurl {
namespace {

constexpr std::uint64_t kDefaultSize = std::uint64_t{100} << 20;

std::optional<okhttp::Cache> open(const std::string& directory, std::uint64_t size) {
#ifdef OKCURL_HAS_CACHE
  return okhttp::Cache(directory, size);
#else
  static_cast<void>(directory);
  static_cast<void>(size);
  throw Failure(ExitCode::usage, "option --cache: this okcurl was built without it");
#endif
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  unsigned shift = 0;
  if (unit == "K" || unit == "k") {
    shift = 10;
  } else if (unit == "M" || unit == "m") {
    shift = 20;
  } else if (unit == "G" || unit == "g") {
    shift = 30;
  } else if (!unit.empty()) {
    return std::nullopt;
  }
  if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()} >> shift) return std::nullopt;
  return value << shift;
}

std::optional<okhttp::Cache> cache_of(const Options& options) {
  if (!options.cache.has_value()) {
    if (options.offline) throw Failure(ExitCode::usage, "option --offline: needs --cache");
    if (options.cache_size.has_value()) throw Failure(ExitCode::usage, "option --cache-size: needs --cache");
    if (options.cache_stats) throw Failure(ExitCode::usage, "option --cache-stats: needs --cache");
    return std::nullopt;
  }
  if (options.cache->empty()) throw Failure(ExitCode::usage, "option --cache: is badly used here");
  std::uint64_t size = kDefaultSize;
  if (options.cache_size.has_value()) {
    const std::optional<std::uint64_t> given = parse_size(*options.cache_size);
    if (!given.has_value())
      throw Failure(ExitCode::usage, "option --cache-size: expected a proper numerical parameter");
    size = *given;
  }
  std::optional<okhttp::Cache> cache = open(*options.cache, size);
  cache->set_failure_handler([is_silent = options.silent && !options.show_error](const std::string& what) {
    if (!is_silent) write_to_stderr("Warning: goes on without the cache: " + printable(what) + '\n');
  });
  return cache;
}

std::string statistics_of(const okhttp::Cache& cache) {
  std::string text = "Cache: " + std::to_string(cache.request_count()) + " requests, " +
                     std::to_string(cache.network_count()) + " to the network, " + std::to_string(cache.hit_count()) +
                     " answered from the cache";
  try {
    text += "; " + std::to_string(cache.size()) + " of " + std::to_string(cache.max_size()) + " bytes in use for " +
            std::to_string(cache.urls().size()) + " URLs";
  } catch (const std::exception&) {
    text += "; out of order";
  }
  return text + '\n';
}

}  // namespace okcurl
