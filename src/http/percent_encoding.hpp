#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace okhttp::internal {

/// Which bytes a component cannot hold as they are. Each set contains the C0 controls, DEL and bytes of 0x80 and above.
/// https://url.spec.whatwg.org/#percent-encoded-bytes for the first four; the last three are OkHttp's, for the builder.
enum class EncodeSet : std::uint8_t {
  fragment = 1 << 0,
  /// The special-query percent-encode set.
  query = 1 << 1,
  path = 1 << 2,
  userinfo = 1 << 3,
  /// One segment: `path` and what would end the segment.
  path_segment = 1 << 4,
  /// A name or value of the query that is percent-encoded already.
  query_component = 1 << 5,
  /// A name or value of the query from plain text: all that some server might give a meaning is encoded.
  query_component_text = 1 << 6,
};

/// Appends `text`, percent-encoding the bytes of `set`. A '%' stays as it is, be it an encoding or not: the standard
/// keeps malformed encodings too.
void append_percent_encoded(std::string& out, std::string_view text, EncodeSet set);

/// As append_percent_encoded into a new string; drops tab, CR and LF as the parser does.
[[nodiscard]] std::string reencode(std::string_view encoded, EncodeSet set);

/// Encodes plain text, '%' included, so that percent_decode gives it back. In queries '+' is encoded as well, because
/// there it would be read as a space.
[[nodiscard]] std::string percent_encode(std::string_view text, EncodeSet set);

/// Replaces "%41" by the byte it stands for and leaves a '%' without two hexadecimal digits alone.
[[nodiscard]] std::string percent_decode(std::string_view encoded, bool plus_is_space = false);

}  // namespace okhttp::internal
