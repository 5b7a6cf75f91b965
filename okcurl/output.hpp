#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace okcurl {

/// Standard output or a file, written to without a buffer. A file is created when something is written to it or when
/// the transfer succeeded without a byte.
class Output {
 public:
  /// To standard output.
  explicit Output(bool refuse_binary = false) : refuse_binary_(refuse_binary) {}
  /// To that file.
  explicit Output(std::string path) : path_(std::move(path)), is_file_(true) {}
  /// To that file, whose content stays up to that place: what is written goes behind it.
  Output(std::string path, std::uint64_t offset)
      : path_(std::move(path)), is_file_(true), keeps_content_(true), offset_(offset) {}
  /// To standard output, of what has been there already up to that place.
  explicit Output(std::uint64_t offset) : offset_(offset) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  /// Both throw Failure(ExitCode::write_error).
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  /// The transfer succeeded.
  void finish();

  /// How much of the content is there already.
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
  [[nodiscard]] bool is_file() const noexcept { return is_file_; }

 private:
  void open();
  void write_all(std::span<const std::byte> bytes);

  std::string path_;
  bool is_file_ = false;
  bool keeps_content_ = false;
  std::uint64_t offset_ = 0;
  bool refuse_binary_ = false;
  int descriptor_ = -1;  // of a file that was opened
};

}  // namespace okcurl
