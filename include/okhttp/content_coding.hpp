#pragma once

#include <okhttp/config.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace okhttp {

class Request;

/// A content coding (RFC 9110 §8.4.1): how a body is compressed on its way. A client decodes responses in those that it
/// was given (Client::Builder::add_content_coding); compressed() codes the body of a request.
///
/// Immutable, used by any number of bodies on any threads at once; what a body is coded with is made for it alone. The
/// components okhttp::brotli and okhttp::zstd have further ones.
class OKHTTP_API ContentCoding {
 public:
  class Decoder;
  class Encoder;

  ContentCoding() = default;
  ContentCoding(const ContentCoding&) = delete;
  ContentCoding& operator=(const ContentCoding&) = delete;
  virtual ~ContentCoding();

  /// As in Accept-Encoding and Content-Encoding: a token, "gzip". The same each time, as long as the coding exists.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// For one body, or one layer of it; not null.
  [[nodiscard]] virtual std::unique_ptr<Decoder> make_decoder() const = 0;
  /// Whether requests can be coded in it.
  [[nodiscard]] virtual bool has_encoder() const noexcept { return false; }
  /// For one body each time it is sent; null when there is none, which has_encoder() says too.
  [[nodiscard]] virtual std::unique_ptr<Encoder> make_encoder() const;

  /// RFC 1952. Every client has it.
  [[nodiscard]] static std::shared_ptr<const ContentCoding> gzip();
  /// The zlib format (RFC 1950), and deflate without it (RFC 1951), which some servers send under this name. Every
  /// client decodes it, but asks for it only when it was added.
  [[nodiscard]] static std::shared_ptr<const ContentCoding> deflate();
};

/// Takes a coding off one body, step by step. Used by one thread at a time.
///
/// The library limits what comes out of it (docs/content-codings.md), and checks what it says of its steps: one that
/// claims more than it was given, or that goes on without getting anywhere, ends the body with Errc::decode_failed and
/// Blame::caller. What it throws is thrown to whoever reads the body.
class OKHTTP_API ContentCoding::Decoder {
 public:
  enum class State : std::uint8_t {
    unfinished,  ///< more has to come: input, or room if that is filled
    complete,    ///< what was taken may be all there is, and the content of it has been given
    damaged,     ///< the input is not in this coding
  };
  struct OKHTTP_API Step {
    Step(std::size_t input_taken, std::size_t content_made, State state_reached) noexcept
        : taken(input_taken), made(content_made), state(state_reached) {}
    /// `reason` shows none of the content, and lasts as long as the decoder.
    [[nodiscard]] static Step damaged(std::string_view reason) noexcept;
    std::size_t taken;        ///< bytes of the input
    std::size_t made;         ///< bytes written to the front of the room
    State state;              ///< after that
    std::string_view reason;  ///< why it is damaged; may be empty
  };

  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder();

  /// Decodes what comes next of a body into `room`, which is not empty. Input that is not taken is shown again; unless
  /// the room is filled or the content complete, all of it has to be taken. `input` is empty when the last step filled
  /// its room without being complete.
  ///
  /// After a complete step there may be more input: the next stream, where the coding has bodies of several. Where it
  /// has not, or this is none, the step is complete again and takes nothing, which makes the body one with garbage
  /// behind its end.
  [[nodiscard]] virtual Step decode(std::span<const std::byte> input, std::span<std::byte> room) = 0;
};

/// Puts a coding on one body, step by step. Used by one thread at a time. Its steps are checked as those of a Decoder.
class OKHTTP_API ContentCoding::Encoder {
 public:
  /// How much of what was taken has to be given.
  enum class Until : std::uint8_t {
    more,     ///< what suits the coding
    flushed,  ///< all of it, so that a decoder gives what came so far
    end,      ///< all of it with the coding's end; this is the last of the body
  };
  struct OKHTTP_API Step {
    Step(std::size_t input_taken, std::size_t coded_made, bool has_done_all) noexcept
        : taken(input_taken), made(coded_made), is_done(has_done_all) {}
    std::size_t taken;  ///< bytes of the input
    std::size_t made;   ///< bytes written to the front of the room
    bool is_done;       ///< all input is taken, and what `until` asks for has been given
  };

  Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  virtual ~Encoder();

  /// Encodes into `room`, which is not empty. A step that is not done is followed by one with the rest of the input and
  /// the same `until`.
  [[nodiscard]] virtual Step encode(std::span<const std::byte> input, std::span<std::byte> room, Until until) = 0;
};

/// The same request with its body coded while it is sent, in chunks, and the coding named by Content-Encoding. For
/// servers that are known to accept that. The body is coded anew each time it is sent.
///
/// Throws std::invalid_argument when the request has no body, or a Content-Encoding already, or the coding is null or
/// has no encoder.
[[nodiscard]] OKHTTP_API Request compressed(const Request& request, std::shared_ptr<const ContentCoding> coding);

}  // namespace okhttp
