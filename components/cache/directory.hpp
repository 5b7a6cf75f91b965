#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace okhttp::sqlite {

/// A lock on a file, held until it goes or its process ends, however that ends (flock(2)).
class FileLock final {
 public:
  FileLock() = default;
  /// Opens the file, which is made when it does not exist. Throws std::system_error.
  explicit FileLock(const std::string& path);
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileLock();

  /// Waits until nobody else has it.
  void lock();
  /// False when somebody else has it.
  [[nodiscard]] bool try_lock();
  /// From now on others may share it.
  void share();

 private:
  int descriptor_ = -1;
};

/// Which file a path names, so that one in its place is noticed.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// A file that is open in this process, once however many hold it, and closed when nobody does.
///
/// A process that closes a file loses what it has locked in it, by whatever descriptor (fcntl(2)): SQLite's locks too.
/// So whoever looks into a database beside SQLite holds it until its connections are closed. Threads: any.
class HeldFile final {
 public:
  /// Opens it; it is made, for its owner alone, when it does not exist. Throws std::system_error.
  explicit HeldFile(const std::string& path);
  HeldFile(const HeldFile&) = delete;
  HeldFile& operator=(const HeldFile&) = delete;
  ~HeldFile();
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  FileIdentity identity_;
  int descriptor_ = -1;
};

/// The files of a cache in its directory.
///
/// All are for their owner alone, whatever the umask says: responses may be secret.
class Directory final {
 public:
  explicit Directory(std::string path) : path_(std::move(path)), database_(path_ + "/okhttp-cache.db") {}

  [[nodiscard]] const std::string& database() const noexcept { return database_; }
  [[nodiscard]] std::string opening_lock() const { return path_ + "/okhttp-cache.opening"; }
  [[nodiscard]] std::string users_lock() const { return path_ + "/okhttp-cache.users"; }

  /// Makes the directory if it is missing, its parents included.
  void make() const;
  /// Makes the database file if it is missing, and takes other users' rights from it. Throws std::runtime_error when
  /// there is another file in its place, which is left alone. Who opens the database holds what is returned longer than
  /// that.
  [[nodiscard]] std::shared_ptr<const HeldFile> prepare_database() const;
  /// A descriptor of a file of at least so many bytes, which are there; zeros at first. One caller at a time, of all
  /// processes. Throws.
  [[nodiscard]] int open_counter(std::size_t bytes) const;
  /// Removes the database with what SQLite keeps beside it.
  void remove_database() const noexcept;
  /// Zeros when there is no database.
  [[nodiscard]] FileIdentity identity() const noexcept;
  /// Bytes of the write-ahead log.
  [[nodiscard]] std::uint64_t log_size() const noexcept;

 private:
  const std::string path_;
  const std::string database_;
};

}  // namespace okhttp::sqlite
