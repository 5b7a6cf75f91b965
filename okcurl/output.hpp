#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace okcurl {

/// Standard output or a file, written to without a buffer. A file is created when something is written to it or when
/// the transfer succeeded without a byte.
class Output {
 public:
  /// To standard output.
  explicit Output(bool refuse_binary = false) : refuse_binary_(refuse_binary) {}
  /// To that file.
  explicit Output(std::string path) : path_(std::move(path)), is_file_(true) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  /// Both throw Failure(ExitCode::write_error).
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  /// The transfer succeeded.
  void finish();

  [[nodiscard]] bool is_file() const noexcept { return is_file_; }

 private:
  void open();
  void write_all(std::span<const std::byte> bytes);

  std::string path_;
  bool is_file_ = false;
  bool refuse_binary_ = false;
  int descriptor_ = -1;  // of a file that was opened
};

}  // namespace okcurl
