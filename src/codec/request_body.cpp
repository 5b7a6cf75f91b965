#include <okhttp/request_body.hpp>

#include <array>
#include <atomic>
#include <stdexcept>
#include <utility>

#include "runtime/file.hpp"

namespace okhttp {
namespace {

constexpr std::size_t kFilePiece = std::size_t{64} << 10;

class TypedBody : public RequestBody {
 public:
  explicit TypedBody(std::optional<MediaType> type) noexcept : type_(std::move(type)) {}
  [[nodiscard]] std::optional<MediaType> content_type() const override { return type_; }

 private:
  std::optional<MediaType> type_;
};

/// A body in memory; `Owner` is whatever keeps its bytes.
template <class Owner>
class MemoryBody final : public TypedBody {
 public:
  MemoryBody(Owner owner, std::optional<MediaType> type) : TypedBody(std::move(type)), owner_(std::move(owner)) {}

  [[nodiscard]] std::optional<std::uint64_t> content_length() const override { return bytes().size(); }
  [[nodiscard]] std::optional<std::span<const std::byte>> in_memory() const override { return bytes(); }
  [[nodiscard]] Task<void> write_to(BodySink& sink) const override { return sink.write(bytes()); }

 private:
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    if constexpr (requires { *owner_; }) {
      return std::as_bytes(std::span(*owner_));
    } else {
      return std::as_bytes(std::span(owner_));
    }
  }

  const Owner owner_;
};

class FileBody final : public TypedBody {
 public:
  FileBody(std::string path, std::optional<MediaType> type)
      : TypedBody(std::move(type)), path_(std::move(path)), size_(internal::InputFile(path_).size()) {}

  [[nodiscard]] std::optional<std::uint64_t> content_length() const override { return size_; }

  // Reads to the end of the file, however long it is now: who sends the body finds out if that is not size_.
  [[nodiscard]] Task<void> write_to(BodySink& sink) const override {
    internal::InputFile file(path_);
    std::vector<std::byte> piece(kFilePiece);
    for (;;) {
      const std::size_t count = file.read(piece);
      if (count == 0) break;
      co_await sink.write(std::span<const std::byte>(piece).first(count));
    }
  }

 private:
  const std::string path_;
  const std::uint64_t size_;
};

Task<void> write_pieces(RequestBody::Pieces pieces, BodySink& sink) {
  for (;;) {
    const std::optional<std::string> piece = pieces();
    if (!piece) break;
    if (!piece->empty()) co_await sink.write(std::string_view(*piece));
  }
}

class GeneratedBody final : public TypedBody {
 public:
  GeneratedBody(std::function<Pieces()> make_pieces, std::optional<MediaType> type)
      : TypedBody(std::move(type)), make_pieces_(std::move(make_pieces)) {
    if (!make_pieces_) throw std::invalid_argument("a generated body needs a function that makes its pieces");
  }

  [[nodiscard]] Task<void> write_to(BodySink& sink) const override {
    Pieces pieces = make_pieces_();
    co_await write_pieces(std::move(pieces), sink);
  }

 private:
  const std::function<Pieces()> make_pieces_;
};

class OneShotBody final : public TypedBody {
 public:
  OneShotBody(Pieces pieces, std::optional<MediaType> type, std::optional<std::uint64_t> length)
      : TypedBody(std::move(type)), length_(length), pieces_(std::move(pieces)) {
    if (!pieces_) throw std::invalid_argument("a one-shot body needs a function that gives its pieces");
  }

  [[nodiscard]] std::optional<std::uint64_t> content_length() const override { return length_; }
  [[nodiscard]] bool is_one_shot() const override { return true; }

  [[nodiscard]] Task<void> write_to(BodySink& sink) const override {
    if (is_used_.exchange(true)) throw std::logic_error("a one-shot body was written before");
    co_await write_pieces(std::move(pieces_), sink);
  }

 private:
  const std::optional<std::uint64_t> length_;
  mutable std::atomic<bool> is_used_{false};
  mutable Pieces pieces_;  // of whoever set is_used_
};

class WriterBody final : public TypedBody {
 public:
  WriterBody(Writer write, std::optional<MediaType> type, std::optional<std::uint64_t> length)
      : TypedBody(std::move(type)), length_(length), write_(std::move(write)) {
    if (!write_) throw std::invalid_argument("a body needs a function that writes it");
  }

  [[nodiscard]] std::optional<std::uint64_t> content_length() const override { return length_; }
  [[nodiscard]] Task<void> write_to(BodySink& sink) const override { return write_(sink); }

 private:
  const std::optional<std::uint64_t> length_;
  const Writer write_;  // what the running coroutine captured lives here
};

class DuplexBody final : public TypedBody {
 public:
  DuplexBody(Writer write, std::optional<MediaType> type) : TypedBody(std::move(type)), write_(std::move(write)) {
    if (!write_) throw std::invalid_argument("a duplex body needs a function that writes it");
  }

  [[nodiscard]] bool is_duplex() const override { return true; }
  [[nodiscard]] Task<void> write_to(BodySink& sink) const override { return write_(sink); }

 private:
  const Writer write_;  // what the running coroutine captured lives here
};

}  // namespace

RequestBodyPtr RequestBody::create(std::string text, std::optional<MediaType> type) {
  return std::make_shared<const MemoryBody<std::string>>(std::move(text), std::move(type));
}

RequestBodyPtr RequestBody::create(std::vector<std::byte> bytes, std::optional<MediaType> type) {
  return std::make_shared<const MemoryBody<std::vector<std::byte>>>(std::move(bytes), std::move(type));
}

RequestBodyPtr RequestBody::shared(std::shared_ptr<const std::vector<std::byte>> bytes, std::optional<MediaType> type) {
  if (!bytes) throw std::invalid_argument("a shared body needs bytes");
  return std::make_shared<const MemoryBody<std::shared_ptr<const std::vector<std::byte>>>>(std::move(bytes),
                                                                                           std::move(type));
}

RequestBodyPtr RequestBody::json(std::string text) {
  static const MediaType& type = *new MediaType(MediaType::parse("application/json"));
  return create(std::move(text), type);
}

RequestBodyPtr RequestBody::file(const std::string& path, std::optional<MediaType> type) {
  return std::make_shared<const FileBody>(path, std::move(type));
}

RequestBodyPtr RequestBody::generator(std::function<Pieces()> make_pieces, std::optional<MediaType> type) {
  return std::make_shared<const GeneratedBody>(std::move(make_pieces), std::move(type));
}

RequestBodyPtr RequestBody::one_shot(Pieces pieces, std::optional<MediaType> type,
                                     std::optional<std::uint64_t> length) {
  return std::make_shared<const OneShotBody>(std::move(pieces), std::move(type), length);
}

RequestBodyPtr RequestBody::writer(Writer write, std::optional<MediaType> type, std::optional<std::uint64_t> length) {
  return std::make_shared<const WriterBody>(std::move(write), std::move(type), length);
}

RequestBodyPtr RequestBody::duplex(Writer write, std::optional<MediaType> type) {
  return std::make_shared<const DuplexBody>(std::move(write), std::move(type));
}

RequestBodyPtr RequestBody::empty() { return create(std::string()); }

}  // namespace okhttp
