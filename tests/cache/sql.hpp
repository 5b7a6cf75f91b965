#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

namespace okhttp::internal {

/// Another look at the database, as a second process would have it.
class Sql {
 public:
  explicit Sql(const std::string& path) { EXPECT_EQ(::sqlite3_open(path.c_str(), &handle_), SQLITE_OK); }
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;
  ~Sql() { ::sqlite3_close(handle_); }
  void run(const std::string& statements) {
    char* error = nullptr;
    EXPECT_EQ(::sqlite3_exec(handle_, statements.c_str(), nullptr, nullptr, &error), SQLITE_OK) << statements;
    ::sqlite3_free(error);
  }
  [[nodiscard]] std::string value(const std::string& statement) {
    std::string found;
    const auto keep = [](void* to, int, char** values, char**) {
      *static_cast<std::string*>(to) = values[0] != nullptr ? values[0] : "";
      return 0;
    };
    EXPECT_EQ(::sqlite3_exec(handle_, statement.c_str(), keep, &found, nullptr), SQLITE_OK) << statement;
    return found;
  }

 private:
  sqlite3* handle_ = nullptr;
};

/// Every page is whole, every chunk belongs to an entry, and the total is the sum of all. In one statement, as others
/// may be writing.
inline void expect_consistent(const std::string& database) {
  Sql sql(database);
  sql.run("PRAGMA busy_timeout = 60000");
  EXPECT_EQ(sql.value("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(sql.value("SELECT ((SELECT bytes FROM total) - (SELECT coalesce(sum(size), 0) FROM entries)) || ' ' || "
                      "(SELECT count(*) FROM chunks WHERE id / 1048576 NOT IN (SELECT id FROM entries))"),
            "0 0");
}

}  // namespace okhttp::internal
