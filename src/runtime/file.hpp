#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace okhttp::internal {

/// An open file descriptor, closed at the end.
class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor) noexcept : descriptor_(descriptor) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  [[nodiscard]] int get() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  /// Owns `descriptor` from now on, having closed the one before.
  void reset(int descriptor) noexcept {
    close();
    descriptor_ = descriptor;
  }
  /// 0, or the errno that close(2) gave: some file systems tell of a lost write only then.
  int close() noexcept;

 private:
  int descriptor_;
};

/// A regular file to be read. Reading blocks for as long as the file system takes; Error(Errc::io) names the path.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Reads up to `into.size()` bytes; 0 at the end.
  [[nodiscard]] std::size_t read(std::span<std::byte> into);

 private:
  std::filesystem::path path_;
  FileDescriptor descriptor_;
  std::uint64_t size_ = 0;
};

/// A file that comes to be under its name only when all of it is there: it is written to a temporary file in the same
/// folder, which is renamed at the end, or removed. Error(Errc::io) names the path.
///
/// Nobody may read more of it meanwhile than afterwards: a file that is replaced gives its permissions, a new one gets
/// what the umask leaves of `new_mode`. A symbolic link is followed. What is there and no regular file is not replaced.
class ReplacementFile {
 public:
  explicit ReplacementFile(const std::filesystem::path& path, unsigned new_mode = 0666);
  ReplacementFile(const ReplacementFile&) = delete;
  ReplacementFile& operator=(const ReplacementFile&) = delete;
  ~ReplacementFile();

  void write(std::span<const std::byte> bytes);
  /// Gives the file its name. To be called once, after all was written.
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  FileDescriptor descriptor_{-1};
};

}  // namespace okhttp::internal
