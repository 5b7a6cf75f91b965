#include "database.hpp"

#include <sqlite3.h>

#include <utility>

namespace okhttp::sqlite {
namespace {

/// How long a connection waits for another one that writes.
constexpr int kBusyMilliseconds = 5000;

}  // namespace

bool Failure::is_damage() const noexcept {
  const int primary = code_ & 0xff;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

Database::Database(const std::string& path, std::shared_ptr<const HeldFile> held) : held_(std::move(held)) {
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  const int code = ::sqlite3_open_v2(path.c_str(), &handle_, kFlags, nullptr);
  if (code != SQLITE_OK) {
    const Failure failure("opening " + path + ": " + ::sqlite3_errstr(code), code);
    ::sqlite3_close_v2(handle_);
    throw failure;
  }
  ::sqlite3_busy_timeout(handle_, kBusyMilliseconds);
}

Database::~Database() {
  for (const auto& [literal, statement] : prepared_) ::sqlite3_finalize(statement);
  ::sqlite3_close_v2(handle_);
}

void Database::fail(const char* doing, int code) const {
  throw Failure(std::string(doing) + ": " + ::sqlite3_errmsg(handle_) + " (SQLite " + std::to_string(code) + ')', code);
}

void Database::run(const char* statements) {
  const int code = ::sqlite3_exec(handle_, statements, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail("the database of the cache", code);
}

std::int64_t Database::number(const char* statement) {
  Query query(*this, statement);
  return query.next() ? query.integer(0) : 0;
}

void Database::checkpoint(int milliseconds) {
  ::sqlite3_busy_timeout(handle_, milliseconds);
  const int code = ::sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  ::sqlite3_busy_timeout(handle_, kBusyMilliseconds);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) fail("the database of the cache", code);
}

std::int64_t Database::last_id() const noexcept { return ::sqlite3_last_insert_rowid(handle_); }
std::int64_t Database::changes() const noexcept { return ::sqlite3_changes64(handle_); }

sqlite3_stmt* Database::prepared(const char* statement) {
  const auto known = prepared_.find(statement);
  if (known != prepared_.end()) return known->second;
  sqlite3_stmt* made = nullptr;
  const int code = ::sqlite3_prepare_v3(handle_, statement, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  if (code != SQLITE_OK) fail("the database of the cache", code);
  prepared_.emplace(statement, made);
  return made;
}

Query::~Query() {
  ::sqlite3_reset(statement_);
  ::sqlite3_clear_bindings(statement_);
}

bool Query::next() {
  const int code = ::sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.fail("the database of the cache", code);
  return false;
}

void Query::run() {
  while (next()) {
  }
}

void Query::bind(int place, std::int64_t value) { ::sqlite3_bind_int64(statement_, place, value); }

void Query::bind(int place, std::string_view text) {
  ::sqlite3_bind_text64(statement_, place, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Query::bind(int place, std::span<const std::byte> blob) {
  // A null pointer would bind NULL.
  const void* const data = blob.empty() ? static_cast<const void*>("") : blob.data();
  ::sqlite3_bind_blob64(statement_, place, data, blob.size(), SQLITE_STATIC);
}

std::int64_t Query::integer(int column) const noexcept { return ::sqlite3_column_int64(statement_, column); }

std::string_view Query::text(int column) const noexcept {
  const auto* const data = reinterpret_cast<const char*>(::sqlite3_column_text(statement_, column));
  return data == nullptr ? std::string_view()
                         : std::string_view(data, static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column)));
}

std::span<const std::byte> Query::blob(int column) const noexcept {
  const auto* const data = static_cast<const std::byte*>(::sqlite3_column_blob(statement_, column));
  return {data, data == nullptr ? 0 : static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column))};
}

Transaction::Transaction(Database& database) : database_(database) { database_.run("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
  if (!is_open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const Failure&) {
    // SQLite has rolled back by itself, as it does when the disk is full.
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  is_open_ = false;
}

}  // namespace okhttp::sqlite
