#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

#include "directory.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace okhttp::sqlite {

/// What SQLite refused, with its code.
class Failure final : public std::runtime_error {
 public:
  Failure(const std::string& what, int code) : std::runtime_error(what), code_(code) {}
  [[nodiscard]] int code() const noexcept { return code_; }
  /// The file is no database, or a damaged one.
  [[nodiscard]] bool is_damage() const noexcept;

 private:
  const int code_;
};

/// One connection to a database. Used by one thread at a time. Everything throws Failure.
class Database final {
 public:
  /// Opens the file, which exists and is `held` until it is closed again. A symbolic link is refused.
  Database(const std::string& path, std::shared_ptr<const HeldFile> held);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// Statements without values and without results, separated by semicolons.
  void run(const char* statements);
  /// The number that a statement yields first; 0 when it yields none.
  [[nodiscard]] std::int64_t number(const char* statement);
  /// Moves the log into the database and empties it, if within that time there is a moment without readers of it.
  void checkpoint(int milliseconds);
  [[nodiscard]] std::int64_t last_id() const noexcept;
  /// Rows that the last statement changed, without those that its triggers changed.
  [[nodiscard]] std::int64_t changes() const noexcept;

 private:
  friend class Query;
  [[nodiscard]] sqlite3_stmt* prepared(const char* statement);
  [[noreturn]] void fail(const char* doing, int code) const;

  const std::shared_ptr<const HeldFile> held_;
  sqlite3* handle_ = nullptr;
  std::unordered_map<const char*, sqlite3_stmt*> prepared_;  // by the literal that they are made of
};

/// A statement with its values, run row by row. One at a time of each literal.
class Query final {
 public:
  /// `statement` is a literal. Texts and blobs must stay until the query goes.
  template <class... Values>
  Query(Database& database, const char* statement, const Values&... values)
      : database_(database), statement_(database.prepared(statement)) {
    int place = 0;
    (bind(++place, values), ...);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  /// Goes to the next row; false when there is none.
  bool next();
  /// For a statement that yields nothing.
  void run();

  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  // These stay until the next row.
  [[nodiscard]] std::string_view text(int column) const noexcept;
  [[nodiscard]] std::span<const std::byte> blob(int column) const noexcept;

 private:
  void bind(int place, std::int64_t value);
  void bind(int place, std::uint64_t value) { bind(place, static_cast<std::int64_t>(value)); }
  void bind(int place, int value) { bind(place, static_cast<std::int64_t>(value)); }
  void bind(int place, std::string_view text);
  void bind(int place, std::span<const std::byte> blob);

  Database& database_;
  sqlite3_stmt* const statement_;
};

/// BEGIN IMMEDIATE, and ROLLBACK unless commit() was reached.
class Transaction final {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
  bool is_open_ = true;
};

}  // namespace okhttp::sqlite
