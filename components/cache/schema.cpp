#include "schema.hpp"

#include <array>
#include <stdexcept>
#include <string>

namespace okhttp::sqlite {
namespace {

// entries   one for each response; `complete` is 0 while it is written, and then only its writer knows of it
// chunks    the bodies; numbered entry * 2^20 + place
// total     the sum of entries.size, kept by triggers, so that no crash sets them apart
constexpr const char* kVersion1 = R"(
  CREATE TABLE entries(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT NOT NULL,
    credential TEXT NOT NULL,
    variant TEXT NOT NULL,
    complete INTEGER NOT NULL,
    used INTEGER NOT NULL,
    size INTEGER NOT NULL,
    body_size INTEGER NOT NULL,
    head BLOB NOT NULL,
    sum INTEGER NOT NULL);
  CREATE INDEX entries_by_key ON entries(url, credential);
  CREATE TABLE chunks(id INTEGER PRIMARY KEY, data BLOB NOT NULL, sum INTEGER NOT NULL);
  CREATE TABLE total(bytes INTEGER NOT NULL);
  INSERT INTO total VALUES(0);
  CREATE TRIGGER entry_added AFTER INSERT ON entries BEGIN
    UPDATE total SET bytes = bytes + new.size;
  END;
  CREATE TRIGGER entry_resized AFTER UPDATE OF size ON entries BEGIN
    UPDATE total SET bytes = bytes + new.size - old.size;
  END;
  CREATE TRIGGER entry_removed AFTER DELETE ON entries BEGIN
    UPDATE total SET bytes = bytes - old.size;
    DELETE FROM chunks WHERE id >= old.id * 1048576 AND id < (old.id + 1) * 1048576;
  END;
)";

// Which entries to evict is found without looking at all of them.
constexpr const char* kVersion2 = "CREATE INDEX entries_by_use ON entries(used) WHERE complete = 1;";

// So is what is being written, or was when its process was killed.
constexpr const char* kVersion3 = "CREATE INDEX entries_begun ON entries(used) WHERE complete = 0;";

constexpr std::array<const char*, 3> kSteps = {kVersion1, kVersion2, kVersion3};

}  // namespace

void configure(Database& database) {
  // WAL with NORMAL survives the death of any process at any time; after a power failure the last responses may be
  // missing, which is all a cache can lose.
  database.run(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304;"
      "PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = OFF; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check "
      "= ON;");
}

void bring_up_to_date(Database& database) {
  if (database.number("PRAGMA page_count") == 0) {
    // Before there is a log: by its head the file is known as ours, and what is in the log is not in the file yet.
    const std::string mark =
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = " + std::to_string(kApplicationId);
    database.run(mark.c_str());
  }
  configure(database);
  Transaction transaction(database);
  const std::int64_t version = database.number("PRAGMA user_version");
  const auto present = static_cast<std::int64_t>(kSteps.size());
  if (version > present) {
    throw std::runtime_error("the cache is of version " + std::to_string(version) + ", newer than this library's");
  }
  for (auto step = static_cast<std::size_t>(version); step < kSteps.size(); ++step) database.run(kSteps[step]);
  if (version == 0) {
    // Entries are known by their numbers while a call is on its way: those of a database that took the place of another
    // must not be taken for those of that one.
    database.run("INSERT INTO sqlite_sequence(name, seq) VALUES('entries', (random() & 0x3ffffffffff))");
  }
  if (version < present) {
    database.run(("PRAGMA user_version = " + std::to_string(present)).c_str());
  }
  transaction.commit();
}

}  // namespace okhttp::sqlite
