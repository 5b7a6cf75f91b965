#pragma once

#include <okhttp/error.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/multipart_reader.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/http1/field_section_parser.hpp"

namespace okhttp::internal {

/// Parts a multipart body at its boundary (RFC 2046 §5.1.1). No I/O: it is shown bytes and says what they are.
///
///     [preamble CRLF] --boundary CRLF  headers CRLF data  (CRLF --boundary CRLF  headers CRLF data)...
///     CRLF --boundary-- [CRLF epilogue]
///
/// Strict, so that all recipients see the same parts: lines end in CRLF, headers are as in HTTP (FieldSectionParser),
/// and a line that begins with the boundary is that boundary, with white space behind it at most; RFC 2046 allows no
/// part to hold such a line.
///
/// Invariants:
/// 1. What is not consumed of the bytes shown is fewer than a delimiter line with kMaxPadding, or, within headers, than
///    max_header_bytes.
/// 2. The same bytes give the same parts, however they are cut into pieces.
class MultipartSplitter {
 public:
  /// White space that may stand behind a boundary.
  static constexpr std::size_t kMaxPadding = 256;

  struct Step {
    enum class State : std::uint8_t {
      need_more,  ///< show the rest again, with more behind it
      part,       ///< a part begins; take_headers() has its headers
      data,       ///< `data` is the part's next content, not empty
      part_end,   ///< the part is complete
      end,        ///< the body is complete; what may follow has no meaning
      error
    };

    State state = State::need_more;
    std::size_t consumed = 0;  ///< bytes at the front that are done with; `data` is among them
    std::string_view data;     ///< within the bytes shown
    Errc error = Errc();
    std::string message;  ///< what was wrong; never a text of the peer's
  };

  /// Requires: is_boundary(boundary).
  MultipartSplitter(std::string_view boundary, MultipartLimits limits);

  /// Looks at bytes of which none was consumed yet. With `is_whole` no more will come. At most `max_data` bytes of data
  /// are given at once, which is not 0.
  [[nodiscard]] Step next(std::string_view unread, bool is_whole, std::size_t max_data = SIZE_MAX);

  /// The headers of the part that began. Requires: the last step said part.
  [[nodiscard]] Headers take_headers() { return fields_->take_headers(); }

 private:
  enum class Place : std::uint8_t { preamble, boundary_end, headers, data, closed, ended, failed };

  Step split(std::string_view unread, std::size_t max_data);
  Step in_text(std::string_view unread, std::size_t max_data);
  Step at_delimiter(std::size_t size);
  Step after_boundary(std::string_view unread);
  Step in_headers(std::string_view unread);
  Step after_close(std::string_view unread, bool is_whole);
  Step pass(std::string_view text);
  Step fail(Errc error, std::string message);

  const std::string delimiter_;  // with the CRLF before it
  const MultipartLimits limits_;
  Place place_ = Place::preamble;
  // The CRLF of a delimiter was consumed already: at the beginning of all, and of a part's data.
  bool is_at_line_begin_ = true;
  std::size_t preamble_bytes_ = 0;
  std::size_t parts_ = 0;
  std::optional<FieldSectionParser> fields_;
};

}  // namespace okhttp::internal
