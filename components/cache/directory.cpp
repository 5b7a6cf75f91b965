#include "directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

#include "schema.hpp"

namespace okhttp::sqlite {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), "the cache: " + what);
}

/// Another user could read what is written to a file of his, and write what is read from it.
void require_own(const std::string& path, const struct stat& status) {
  const uid_t user = ::geteuid();
  if (user != 0 && status.st_uid != user) throw std::runtime_error("the cache: " + path + " is another user's");
}

int open_private(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) fail(path);
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && (status.st_mode & 077) != 0) (void)::fchmod(descriptor, 0600);
  return descriptor;
}

FileIdentity identity_of(const struct stat& status) noexcept {
  FileIdentity identity;
  identity.device = status.st_dev;
  identity.number = status.st_ino;
  return identity;
}

/// The files that are held in this process.
struct HeldFiles {
  struct One {
    FileIdentity identity;
    int descriptor = -1;
    unsigned holders = 0;
  };
  std::mutex mutex;
  std::vector<One> all;

  [[nodiscard]] std::vector<One>::iterator find(const FileIdentity& identity) {
    return std::find_if(all.begin(), all.end(), [&](const One& one) { return one.identity == identity; });
  }
  /// Stays to the end: threads that write may do so beyond main().
  static HeldFiles& of_process() {
    static HeldFiles& files = *new HeldFiles;
    return files;
  }
};

void flock_or_fail(int descriptor, int how) {
  while (::flock(descriptor, how) != 0) {
    if (errno != EINTR) fail("locking its directory");
  }
}

/// The file's head says whose it is: its first 16 bytes, and four at byte 68.
bool is_ours(int descriptor) {
  std::array<char, 100> head{};
  if (::pread(descriptor, head.data(), head.size(), 0) != static_cast<ssize_t>(head.size())) return false;
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::int64_t application = 0;
  for (std::size_t i = 68; i < 72; ++i) application = application << 8 | static_cast<unsigned char>(head[i]);
  return std::string_view(head.data(), kMagic.size()) == kMagic && application == kApplicationId;
}

}  // namespace

HeldFile::HeldFile(const std::string& path) {
  HeldFiles& files = HeldFiles::of_process();
  const std::lock_guard lock(files.mutex);
  struct stat status {};
  auto held = files.all.end();
  // Not opened again: closing that would be what holding it prevents.
  if (::lstat(path.c_str(), &status) == 0) held = files.find(identity_of(status));
  if (held == files.all.end()) {
    files.all.reserve(files.all.size() + 1);
    const int descriptor = open_private(path);
    if (::fstat(descriptor, &status) != 0) fail(path);
    held = files.find(identity_of(status));
    if (held == files.all.end()) {
      HeldFiles::One one;
      one.identity = identity_of(status);
      one.descriptor = descriptor;
      files.all.push_back(one);
      held = std::prev(files.all.end());
    }
  }
  identity_ = held->identity;
  descriptor_ = held->descriptor;
  ++held->holders;
}

HeldFile::~HeldFile() {
  HeldFiles& files = HeldFiles::of_process();
  const std::lock_guard lock(files.mutex);
  const auto held = files.find(identity_);
  if (--held->holders > 0) return;
  ::close(held->descriptor);
  files.all.erase(held);
}

FileLock::FileLock(const std::string& path) : descriptor_(open_private(path)) {
  // One that another user holds would never come free.
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) return;
  try {
    require_own(path, status);
  } catch (const std::exception&) {
    ::close(descriptor_);
    throw;
  }
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void FileLock::lock() { flock_or_fail(descriptor_, LOCK_EX); }

bool FileLock::try_lock() { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }

void FileLock::share() { flock_or_fail(descriptor_, LOCK_SH); }

void Directory::make() const {
  for (std::size_t end = path_.find('/', 1);; end = path_.find('/', end + 1)) {
    const std::string part = path_.substr(0, end);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST && (errno != EROFS && errno != EACCES)) fail(part);
    if (end == std::string::npos) break;
  }
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) fail(path_);
  if (!S_ISDIR(status.st_mode)) throw std::runtime_error("the cache: " + path_ + " is no directory");
}

std::shared_ptr<const HeldFile> Directory::prepare_database() const {
  const std::string path = database();
  auto file = std::make_shared<const HeldFile>(path);
  struct stat status {};
  const bool is_known = ::fstat(file->descriptor(), &status) == 0;
  if (is_known) require_own(path, status);
  // SQLite writes the head of a new database with its first transaction: until then, in the log, it is empty.
  const bool is_usable = is_known && S_ISREG(status.st_mode) && (status.st_size == 0 || is_ours(file->descriptor()));
  if (!is_usable) throw std::runtime_error("the cache: " + path + " is another program's file, and is left alone");
  for (const std::string& beside : {path + "-wal", path + "-shm"}) {
    if (::lstat(beside.c_str(), &status) == 0) require_own(beside, status);
  }
  return file;
}

int Directory::open_counter(std::size_t bytes) const {
  const std::string path = path_ + "/okhttp-cache.changes";
  const int descriptor = open_private(path);
  try {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) fail(path);
    require_own(path, status);
    if (!S_ISREG(status.st_mode)) throw std::runtime_error("the cache: " + path + " is no file");
    const std::vector<char> zeros(bytes);
    // Written, not only made that long: a disk that is full must not show when the memory is used.
    const bool is_short = static_cast<std::uint64_t>(status.st_size) < bytes;
    if (is_short && ::pwrite(descriptor, zeros.data(), bytes, 0) != static_cast<ssize_t>(bytes)) fail(path);
  } catch (const std::exception&) {
    ::close(descriptor);
    throw;
  }
  return descriptor;
}

void Directory::remove_database() const noexcept {
  // The database first: with a new one SQLite throws away a log that is left over.
  for (const char* suffix : {"", "-wal", "-shm"}) (void)::unlink((database() + suffix).c_str());
}

FileIdentity Directory::identity() const noexcept {
  struct stat status {};
  return ::stat(database().c_str(), &status) == 0 ? identity_of(status) : FileIdentity();
}

std::uint64_t Directory::log_size() const noexcept {
  struct stat status {};
  return ::stat((database() + "-wal").c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace okhttp::sqlite
