#include <okhttp/error.hpp>
#include <okhttp/response_body.hpp>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>

#include "codec/response_body_access.hpp"
#include "http/charset.hpp"
#include "runtime/calling_thread.hpp"
#include "runtime/file.hpp"
#include "runtime/front_door.hpp"
#include "runtime/pooled.hpp"

namespace okhttp {
namespace {

constexpr std::size_t kFirstPiece = std::size_t{4} << 10;
constexpr std::size_t kScratch = std::size_t{64} << 10;
// What one read asks for at most: enough that a fast download takes few system calls.
constexpr std::size_t kLargestPiece = std::size_t{512} << 10;
// A length is only announced: no more memory than this is taken on its word.
constexpr std::uint64_t kLargestReserve = std::uint64_t{64} << 20;

std::size_t at_most(std::size_t limit, std::uint64_t count) noexcept {
  return static_cast<std::size_t>(std::min<std::uint64_t>(limit, count));
}

Error limit_error(const char* what, std::uint64_t bytes, std::uint64_t max) {
  return Error(Errc::limit_exceeded, std::string("the response body ") + what + ' ' + std::to_string(bytes) +
                                         " bytes, more than the limit of " + std::to_string(max));
}

template <class T>
T block_on(Task<T> task) {
  internal::CallingThread thread;
  return thread.run(std::move(task));
}

}  // namespace

// Invariants:
// 1. `source` is null when nothing more can come: at the end, after a failure, once closed, and for bodies in memory.
// 2. `ahead` from `ahead_begin` on comes before what `source` gives.
struct ResponseBody::Async::State {
  enum class Phase : std::uint8_t { open, failed, closed };

  std::unique_ptr<BodySource> source;
  std::optional<MediaType> type;
  Headers type_source;  // where the type stands, until it is asked for
  std::optional<std::uint64_t> length;
  Phase phase = Phase::open;
  bool is_reading = false;
  std::exception_ptr failure;
  Headers trailers;
  std::uint64_t received = 0;  // from `source`
  std::string ahead;
  std::size_t ahead_begin = 0;

  /// Says that the source is in use while it lives; what close() could not destroy meanwhile goes afterwards.
  class Reading {
   public:
    explicit Reading(State& state) : state_(state) {
      if (state.is_reading) throw std::logic_error("body is being read already");
      state.is_reading = true;
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() {
      state_.is_reading = false;
      if (state_.phase == Phase::closed) state_.source.reset();
    }

   private:
    State& state_;
  };

  [[nodiscard]] const std::optional<MediaType>& content_type() {
    if (const auto text = type_source.get("Content-Type")) type = MediaType::try_parse(*text);
    type_source = Headers();
    return type;
  }

  void check_open() const {
    if (phase == Phase::closed) throw std::logic_error("body is closed");
    if (phase == Phase::failed) std::rethrow_exception(failure);
  }

  /// After a read of the source.
  void note(std::size_t count) {
    if (phase == Phase::closed) throw std::logic_error("body is closed");
    received += count;
    if (count != 0 && !source->is_at_end()) return;
    trailers = source->trailers();
    source.reset();
  }

  void fail(std::exception_ptr reason) noexcept {
    if (phase != Phase::open) return;
    phase = Phase::failed;
    failure = std::move(reason);
    source.reset();
    ahead = std::string();
    ahead_begin = 0;
  }

  void close() noexcept {
    phase = Phase::closed;
    ahead = std::string();
    ahead_begin = 0;
    if (!is_reading) source.reset();
  }

  [[nodiscard]] std::size_t ahead_size() const noexcept { return ahead.size() - ahead_begin; }

  /// What is still to come as far as that is known: what lies in memory, and what was announced and has not come.
  [[nodiscard]] std::optional<std::uint64_t> expected() const noexcept {
    if (!source) return ahead_size();
    if (!length) return std::nullopt;
    return ahead_size() + (*length - std::min(*length, received));
  }

  std::size_t take_ahead(std::span<std::byte> into) noexcept {
    const std::size_t count = std::min(ahead_size(), into.size());
    std::copy_n(std::as_bytes(std::span(ahead)).begin() + static_cast<std::ptrdiff_t>(ahead_begin), count,
                into.begin());
    ahead_begin += count;
    if (ahead_size() == 0) {
      ahead.clear();
      ahead_begin = 0;
    }
    return count;
  }

  /// Puts what lies ahead at the front of `content`, which is empty; returns how much that is.
  template <class Content>
  std::size_t move_ahead_to(Content& content) {
    const std::size_t count = ahead_size();
    if constexpr (std::is_same_v<Content, std::string>) {
      if (!source && ahead_begin == 0) {
        content.swap(ahead);
        return count;
      }
    }
    content.resize(count);
    return take_ahead(std::as_writable_bytes(std::span(content)));
  }

  /// What can be read without the source: some of `into`, or 0 when nothing more comes. Nothing when it takes the
  /// source.
  [[nodiscard]] std::optional<std::size_t> read_at_hand(std::span<std::byte> into) {
    check_open();
    if (into.empty()) return 0;
    const std::size_t count = take_ahead(into);
    if (count == 0 && source) return std::nullopt;
    return count;
  }

  static Task<std::size_t> read_some(std::shared_ptr<State> state, std::span<std::byte> into);
  static Task<std::uint64_t> skip(std::shared_ptr<State> state, std::uint64_t count);
  static Task<std::uint64_t> save_to(std::shared_ptr<State> state, std::string path);
  static Task<std::vector<std::byte>> peek(std::shared_ptr<State> state, std::size_t count);
  template <class Content>
  static Task<Content> read_rest(std::shared_ptr<State> state, std::uint64_t max);
};

Task<std::size_t> ResponseBody::Async::State::read_some(std::shared_ptr<State> state, std::span<std::byte> into) {
  if (state == nullptr) co_return 0;
  if (const std::optional<std::size_t> at_hand = state->read_at_hand(into)) co_return *at_hand;
  const Reading reading(*state);
  std::size_t count = 0;
  try {
    count = co_await state->source->read_some(into);
    state->note(count);
  } catch (...) {
    state->fail(std::current_exception());
    throw;
  }
  co_return count;
}

Task<std::uint64_t> ResponseBody::Async::State::skip(std::shared_ptr<State> state, std::uint64_t count) {
  std::vector<std::byte> scratch(at_most(kScratch, count));
  std::uint64_t skipped = 0;
  while (skipped < count) {
    const std::span<std::byte> into(scratch.data(), at_most(scratch.size(), count - skipped));
    const std::size_t read = co_await read_some(state, into);
    if (read == 0) break;
    skipped += read;
  }
  co_return skipped;
}

Task<std::uint64_t> ResponseBody::Async::State::save_to(std::shared_ptr<State> state, std::string path) {
  if (state != nullptr) state->check_open();
  internal::ReplacementFile file(path);
  const std::uint64_t expected = state != nullptr ? state->expected().value_or(kLargestPiece) : 0;
  std::vector<std::byte> piece(at_most(kLargestPiece, expected) + 1);
  std::uint64_t written = 0;
  for (;;) {
    const std::size_t read = co_await read_some(state, piece);
    if (read == 0) break;
    file.write(std::span<const std::byte>(piece).first(read));
    written += read;
  }
  file.commit();
  co_return written;
}

Task<std::vector<std::byte>> ResponseBody::Async::State::peek(std::shared_ptr<State> state, std::size_t count) {
  std::vector<std::byte> peeked;
  if (state == nullptr) co_return peeked;
  state->check_open();
  const Reading reading(*state);
  try {
    while (state->source && state->ahead_size() < count) {
      peeked.resize(std::min(count - state->ahead_size(), kScratch));
      const std::size_t read = co_await state->source->read_some(peeked);
      state->note(read);
      state->ahead.append(reinterpret_cast<const char*>(peeked.data()), read);
    }
  } catch (...) {
    state->fail(std::current_exception());
    throw;
  }
  const auto ahead = std::as_bytes(std::span<const char>(state->ahead)).subspan(state->ahead_begin);
  const auto visible = ahead.first(std::min(count, ahead.size()));
  peeked.assign(visible.begin(), visible.end());
  co_return peeked;
}

// Reads straight into what is returned, in pieces: memory that resize() just cleared is still in the cache when the
// next bytes arrive there.
template <class Content>
Task<Content> ResponseBody::Async::State::read_rest(std::shared_ptr<State> state, std::uint64_t max) {
  Content content;
  if (state == nullptr) co_return content;
  state->check_open();
  const std::optional<std::uint64_t> expected = state->expected();
  // Thrown before anything was read, so that whoever is told can still read the body as a stream.
  if (expected && *expected > max) throw limit_error("has", *expected, max);
  // One byte more than is expected, because only a further read finds the end.
  if (expected && state->source) content.reserve(at_most(kLargestReserve, *expected) + 1);
  std::size_t filled = state->move_ahead_to(content);
  const Reading reading(*state);
  try {
    for (;;) {
      // Also of a body that is known to be at its end by now.
      if (filled > max) throw limit_error("has at least", filled, max);
      if (!state->source) break;
      const std::uint64_t left = expected && *expected >= filled ? *expected - filled : filled;
      const std::size_t room = std::max(expected ? 1 : kFirstPiece, at_most(kLargestPiece, left + 1));
      if (content.size() - filled < room) content.resize(filled + room);
      const auto free = std::as_writable_bytes(std::span(content)).subspan(filled);
      // One byte beyond the limit is enough to know that it was exceeded.
      const bool is_limited = free.size() > max - filled;
      const auto into = free.first(is_limited ? static_cast<std::size_t>(max - filled) + 1 : free.size());
      const std::size_t read = co_await state->source->read_some(into);
      state->note(read);
      filled += read;
    }
  } catch (...) {
    state->fail(std::current_exception());
    throw;
  }
  content.resize(filled);
  if constexpr (std::is_same_v<Content, std::string>) {
    std::optional<std::string_view> charset;
    if (const auto& type = state->content_type()) charset = type->charset();
    co_return internal::to_utf8(std::move(content), charset);
  } else {
    co_return content;
  }
}

ResponseBody::Async::Async(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
Task<std::size_t> ResponseBody::Async::read_some(std::span<std::byte> into) const {
  return State::read_some(state_, into);
}
Task<std::uint64_t> ResponseBody::Async::skip(std::uint64_t count) const { return State::skip(state_, count); }
Task<std::string> ResponseBody::Async::string(std::uint64_t max) const {
  return State::read_rest<std::string>(state_, max);
}
Task<std::vector<std::byte>> ResponseBody::Async::bytes(std::uint64_t max) const {
  return State::read_rest<std::vector<std::byte>>(state_, max);
}
Task<std::uint64_t> ResponseBody::Async::save_to(std::string path) const {
  return State::save_to(state_, std::move(path));
}
Task<std::vector<std::byte>> ResponseBody::Async::peek(std::size_t count) const { return State::peek(state_, count); }

ResponseBody::ResponseBody() noexcept = default;
ResponseBody::ResponseBody(std::shared_ptr<Async::State> state) noexcept : state_(std::move(state)) {}

ResponseBody ResponseBody::create(std::string text, std::optional<MediaType> type) {
  auto state = internal::make_pooled<Async::State>();
  state->length = text.size();
  state->ahead = std::move(text);
  state->type = std::move(type);
  return ResponseBody(std::move(state));
}

ResponseBody ResponseBody::create(std::unique_ptr<BodySource> source, std::optional<MediaType> type,
                                  std::optional<std::uint64_t> length) {
  if (!source) throw std::invalid_argument("a response body needs a source");
  auto state = internal::make_pooled<Async::State>();
  state->source = std::move(source);
  state->type = std::move(type);
  state->length = length;
  return ResponseBody(std::move(state));
}

ResponseBody ResponseBody::create(std::unique_ptr<BodySource> source, const Headers& headers,
                                  std::optional<std::uint64_t> length) {
  ResponseBody body = create(std::move(source), std::nullopt, length);
  body.state_->type_source = headers;
  return body;
}

const std::optional<MediaType>& ResponseBody::content_type() const noexcept {
  static const std::optional<MediaType> none;
  return state_ ? state_->content_type() : none;
}

std::optional<std::uint64_t> ResponseBody::content_length() const noexcept { return state_ ? state_->length : 0; }

std::size_t ResponseBody::read_some(std::span<std::byte> into) const {
  internal::refuse_to_block("ResponseBody::read_some()", "co_await body.async().read_some()");
  if (state_ == nullptr) return 0;
  // The read that finds the end needs no engine.
  if (const std::optional<std::size_t> at_hand = state_->read_at_hand(into)) return *at_hand;
  return block_on(async().read_some(into));
}

std::uint64_t ResponseBody::skip(std::uint64_t count) const {
  internal::refuse_to_block("ResponseBody::skip()", "co_await body.async().skip()");
  return block_on(async().skip(count));
}

std::string ResponseBody::string(std::uint64_t max) const {
  internal::refuse_to_block("ResponseBody::string()", "co_await body.async().string()");
  return block_on(async().string(max));
}

std::vector<std::byte> ResponseBody::bytes(std::uint64_t max) const {
  internal::refuse_to_block("ResponseBody::bytes()", "co_await body.async().bytes()");
  return block_on(async().bytes(max));
}

std::uint64_t ResponseBody::save_to(const std::string& path) const {
  internal::refuse_to_block("ResponseBody::save_to()", "co_await body.async().save_to()");
  return block_on(async().save_to(path));
}

std::vector<std::byte> ResponseBody::peek(std::size_t count) const {
  internal::refuse_to_block("ResponseBody::peek()", "co_await body.async().peek()");
  return block_on(async().peek(count));
}

Headers ResponseBody::trailers() const { return state_ ? state_->trailers : Headers(); }

void ResponseBody::close() const noexcept {
  if (state_) state_->close();
}

ResponseBody::Async ResponseBody::async() const noexcept { return Async(state_); }

bool internal::ResponseBodyAccess::is_at_end(const ResponseBody& body) noexcept {
  if (body.state_ == nullptr) return true;
  const auto& state = *body.state_;
  if (state.phase != ResponseBody::Async::State::Phase::open || state.ahead_size() > 0) return false;
  return state.source == nullptr || state.source->is_at_end();
}

void internal::ResponseBodyAccess::abandon_to(const ResponseBody& body, std::unique_ptr<BodyRest> rest) noexcept {
  if (body.state_ == nullptr) return rest->complete();
  auto& state = *body.state_;
  if (state.phase != ResponseBody::Async::State::Phase::open || state.is_reading) return;
  rest->take(std::as_bytes(std::span<const char>(state.ahead)).subspan(state.ahead_begin));
  if (state.source == nullptr) {
    rest->complete();
  } else {
    state.source->abandon_to(std::move(rest));
  }
  state.close();
}

}  // namespace okhttp
