#include <okhttp/cache.hpp>

#include <memory>
#include <stdexcept>

#include "sqlite_store.hpp"

namespace okhttp {

Cache::Cache(const std::string& directory, std::uint64_t max_size)
    : Cache([&] {
        if (directory.empty()) throw std::invalid_argument("Cache: the directory has no name");
        return std::make_shared<sqlite::SqliteStore>(directory, max_size);
      }()) {}

}  // namespace okhttp
