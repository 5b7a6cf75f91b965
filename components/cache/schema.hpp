#pragma once

#include <cstdint>
#include <memory>

#include "database.hpp"

namespace okhttp::sqlite {

/// "okhc", in the head of every database of ours.
inline constexpr std::int64_t kApplicationId = 0x6f6b6863;

/// A chunk is found by the number of its entry and its place there.
inline constexpr std::int64_t kChunksPerEntry = std::int64_t{1} << 20;

/// Settings of a connection, which are not in the file.
void configure(Database& database);

/// Makes an empty database ours, or brings an older one of ours to the present version.
/// Throws std::runtime_error for one of a newer version, and leaves it alone.
void bring_up_to_date(Database& database);

}  // namespace okhttp::sqlite
