#include <okhttp/error.hpp>
#include <okhttp/multipart_reader.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <exception>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "codec/multipart_splitter.hpp"
#include "http/multipart_boundary.hpp"
#include "runtime/calling_thread.hpp"
#include "runtime/front_door.hpp"

namespace okhttp {
namespace {

using State = internal::MultipartSplitter::Step::State;

constexpr std::size_t kPiece = std::size_t{16} << 10;
constexpr std::size_t kLargestEpilogue = std::size_t{64} << 10;

std::string boundary_of(const ResponseBody& body) {
  const std::optional<MediaType>& type = body.content_type();
  if (!type.has_value() || type->type() != "multipart") {
    throw Error(Errc::protocol_error, Blame::peer, "the body is not multipart");
  }
  const auto boundary = type->parameter("boundary");
  if (!boundary.has_value() || !internal::is_boundary(*boundary)) {
    throw Error(Errc::protocol_error, Blame::peer, "the multipart type of the body names no boundary");
  }
  return std::string(*boundary);
}

std::string checked(std::string_view boundary) {
  if (internal::is_boundary(boundary)) return std::string(boundary);
  throw std::invalid_argument("a boundary has 1 to 70 characters, letters, digits and '()+_,-./:=? and spaces within");
}

}  // namespace

namespace internal {

/// What the copies of a reader, and the bodies of its parts, share.
///
/// Invariants:
/// 1. Of `buffer_`, what lies from `begin_` to `end_` was read and not consumed.
/// 2. `part_` counts the calls of next_part(); only the body of the part that the last one gave can be read.
class MultipartReading final {
 public:
  MultipartReading(ResponseBody body, std::string boundary, const MultipartLimits& limits)
      : body_(std::move(body)), boundary_(std::move(boundary)), splitter_(boundary_, limits) {}

  [[nodiscard]] const std::string& boundary() const noexcept { return boundary_; }

  static Task<std::optional<MultipartReader::Part>> next_part(std::shared_ptr<MultipartReading> self);
  /// Content of that part, as BodySource::read_some() gives it.
  static Task<std::size_t> read_part(std::shared_ptr<MultipartReading> self, std::uint64_t part,
                                     std::span<std::byte> into);

 private:
  /// Says that the reading is in use while it lives.
  class Turn {
   public:
    explicit Turn(MultipartReading& reading) : reading_(reading) {
      if (reading.is_busy_) throw std::logic_error("the multipart body is being read already");
      reading.is_busy_ = true;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { reading_.is_busy_ = false; }

   private:
    MultipartReading& reading_;
  };

  /// What the splitter makes of the buffer: need_more only when more has to be read. Throws what it finds wrong.
  [[nodiscard]] MultipartSplitter::Step step(std::size_t max_data);
  /// The part whose headers were just split off.
  [[nodiscard]] static MultipartReader::Part open_part(const std::shared_ptr<MultipartReading>& self);
  [[nodiscard]] std::span<std::byte> room();
  static Task<void> fill(std::shared_ptr<MultipartReading> self);
  /// Reads what follows the closing boundary, so that the connection can be kept.
  static Task<void> finish(std::shared_ptr<MultipartReading> self);

  const ResponseBody body_;
  const std::string boundary_;
  MultipartSplitter splitter_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool is_whole_ = false;  // nothing follows what is in the buffer
  bool is_busy_ = false;
  bool has_ended_ = false;
  std::uint64_t part_ = 0;
  std::exception_ptr failure_;
};

namespace {

class PartSource final : public BodySource {
 public:
  PartSource(std::shared_ptr<MultipartReading> reading, std::uint64_t part) noexcept
      : reading_(std::move(reading)), part_(part) {}

  [[nodiscard]] Task<std::size_t> read_some(std::span<std::byte> into) override {
    return MultipartReading::read_part(reading_, part_, into);
  }

 private:
  const std::shared_ptr<MultipartReading> reading_;
  const std::uint64_t part_;
};

}  // namespace

MultipartSplitter::Step MultipartReading::step(std::size_t max_data) {
  while (true) {
    const std::string_view unread(reinterpret_cast<const char*>(buffer_.data()) + begin_, end_ - begin_);
    MultipartSplitter::Step step = splitter_.next(unread, is_whole_, max_data);
    if (step.state == State::error) throw Error(step.error, Blame::peer, step.message);
    begin_ += step.consumed;
    if (step.state != State::need_more || step.consumed == 0) return step;
  }
}

MultipartReader::Part MultipartReading::open_part(const std::shared_ptr<MultipartReading>& self) {
  Headers headers = self->splitter_.take_headers();
  ResponseBody body = ResponseBody::create(std::make_unique<PartSource>(self, self->part_), headers, std::nullopt);
  return MultipartReader::Part(std::move(headers), std::move(body));
}

// Grows no further than the splitter wants to see at once, which its limits bound.
std::span<std::byte> MultipartReading::room() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < kPiece / 2) buffer_.resize(std::max(kPiece, 2 * buffer_.size()));
  return std::span<std::byte>(buffer_).subspan(end_);
}

Task<void> MultipartReading::fill(std::shared_ptr<MultipartReading> self) {
  Task<std::size_t> reading = self->body_.async().read_some(self->room());
  const std::size_t count = co_await std::move(reading);
  self->end_ += count;
  if (count == 0) self->is_whole_ = true;
}

Task<void> MultipartReading::finish(std::shared_ptr<MultipartReading> self) {
  self->has_ended_ = true;
  std::size_t passed = 0;
  while (!self->is_whole_ && passed <= kLargestEpilogue) {
    passed += self->end_ - self->begin_;
    self->begin_ = self->end_;
    Task<void> filling = fill(self);
    co_await std::move(filling);
  }
  self->body_.close();
  self->buffer_ = std::vector<std::byte>();
}

Task<std::optional<MultipartReader::Part>> MultipartReading::next_part(std::shared_ptr<MultipartReading> self) {
  std::optional<MultipartReader::Part> part;
  const Turn turn(*self);
  if (self->failure_ != nullptr) std::rethrow_exception(self->failure_);
  if (self->has_ended_) co_return part;
  ++self->part_;
  try {
    while (!part.has_value() && !self->has_ended_) {
      const State state = self->step(kPiece).state;
      if (state == State::part) {
        part.emplace(open_part(self));
      } else if (state == State::end) {
        Task<void> finishing = finish(self);
        co_await std::move(finishing);
      } else if (state == State::need_more) {
        Task<void> filling = fill(self);
        co_await std::move(filling);
      }
    }
  } catch (...) {
    self->failure_ = std::current_exception();
    throw;
  }
  co_return part;
}

Task<std::size_t> MultipartReading::read_part(std::shared_ptr<MultipartReading> self, std::uint64_t part,
                                              std::span<std::byte> into) {
  const Turn turn(*self);
  if (self->failure_ != nullptr) std::rethrow_exception(self->failure_);
  if (part != self->part_) throw std::logic_error("the reader of the multipart body has gone on to another part");
  std::size_t count = 0;
  try {
    while (true) {
      const MultipartSplitter::Step step = self->step(into.size());
      if (step.state == State::data) {
        count = step.data.size();
        std::memcpy(into.data(), step.data.data(), count);
        break;
      }
      if (step.state == State::part_end) break;
      assert(step.state == State::need_more);
      Task<void> filling = fill(self);
      co_await std::move(filling);
    }
  } catch (...) {
    self->failure_ = std::current_exception();
    throw;
  }
  co_return count;
}

}  // namespace internal

MultipartReader::MultipartReader(ResponseBody body, MultipartLimits limits) {
  std::string boundary = boundary_of(body);
  reading_ = std::make_shared<internal::MultipartReading>(std::move(body), std::move(boundary), limits);
}

MultipartReader::MultipartReader(ResponseBody body, std::string_view boundary, MultipartLimits limits)
    : reading_(std::make_shared<internal::MultipartReading>(std::move(body), checked(boundary), limits)) {}

MultipartReader::MultipartReader(std::unique_ptr<BodySource> source, std::string_view boundary, MultipartLimits limits)
    : MultipartReader(ResponseBody::create(std::move(source), std::nullopt, std::nullopt), boundary, limits) {}

const std::string& MultipartReader::boundary() const noexcept { return reading_->boundary(); }

std::optional<MultipartReader::Part> MultipartReader::next_part() const {
  internal::refuse_to_block("MultipartReader::next_part()", "co_await reader.async().next_part()");
  internal::CallingThread thread;
  return thread.run(async().next_part());
}

MultipartReader::Async::Async(std::shared_ptr<internal::MultipartReading> reading) noexcept
    : reading_(std::move(reading)) {}

Task<std::optional<MultipartReader::Part>> MultipartReader::Async::next_part() const {
  return internal::MultipartReading::next_part(reading_);
}

MultipartReader::Async MultipartReader::async() const noexcept { return Async(reading_); }

}  // namespace okhttp
