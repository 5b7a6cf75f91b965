#pragma once

#include <okhttp/cache.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "okcurl/options.hpp"

namespace okcurl {

/// What --cache names, with the size of --cache-size; nothing without --cache. That it fails is told on standard error,
/// unless -s keeps it quiet. Throws Failure(ExitCode::usage).
[[nodiscard]] std::optional<okhttp::Cache> cache_of(const Options& options);

/// "104857600", "100M": bytes, with K, M or G for powers of 1024. Nothing for what is none.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// The line of --cache-stats.
[[nodiscard]] std::string statistics_of(const okhttp::Cache& cache);

}  // namespace okcurl
