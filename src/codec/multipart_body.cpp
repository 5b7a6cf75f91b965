#include <okhttp/multipart_body.hpp>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

#include "http/ascii.hpp"
#include "http/multipart_boundary.hpp"

namespace okhttp {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

std::string random_boundary() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string boundary;
  for (int word = 0; word < 4; ++word) {
    unsigned bits = random();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4) boundary += kDigits[bits & 15];
  }
  return boundary;
}

void check_boundary(std::string_view boundary) {
  if (boundary.empty() || boundary.size() > 70) {
    throw std::invalid_argument("a boundary has 1 to 70 characters, not " + std::to_string(boundary.size()));
  }
  if (!internal::is_boundary(boundary)) {
    throw std::invalid_argument(
        "a boundary consists of letters, digits and '()+_,-./:=? and does not end with a space");
  }
}

// Quotes that close early or line breaks would let a name bring headers, or a part, of its own.
// https://html.spec.whatwg.org/#multipart-form-data
std::string quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    switch (c) {
      case '"':
        quoted += "%22";
        break;
      case '\r':
        quoted += "%0D";
        break;
      case '\n':
        quoted += "%0A";
        break;
      default:
        quoted += c;
    }
  }
  return quoted + '"';
}

MediaType with_boundary(const MediaType& type, const std::string& boundary) {
  const std::string value = internal::is_token(boundary) ? boundary : '"' + boundary + '"';
  return MediaType::parse(type.to_string() + "; boundary=" + value);
}

}  // namespace

MultipartBody::MultipartBody(MediaType content_type, std::string boundary, std::vector<Part> parts)
    : content_type_(std::move(content_type)), boundary_(std::move(boundary)), parts_(std::move(parts)) {
  heads_.reserve(parts_.size());
  for (const Part& part : parts_) {
    std::string& head = heads_.emplace_back(heads_.empty() ? "--" : "\r\n--");
    head += boundary_;
    head += kLineEnd;
    head += part.headers().wire_text();
    head += kLineEnd;
  }
  tail_ = "\r\n--" + boundary_ + "--\r\n";
}

std::optional<std::uint64_t> MultipartBody::content_length() const {
  std::uint64_t total = tail_.size();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const std::optional<std::uint64_t> length = parts_[i].body()->content_length();
    if (!length) return std::nullopt;
    total += heads_[i].size() + *length;
  }
  return total;
}

bool MultipartBody::is_one_shot() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.body()->is_one_shot(); });
}

Task<void> MultipartBody::write_to(BodySink& sink) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    co_await sink.write(std::string_view(heads_[i]));
    co_await parts_[i].body()->write_to(sink);
  }
  co_await sink.write(std::string_view(tail_));
}

MultipartBody::Builder::Builder() : boundary_(random_boundary()) {}

MultipartBody::Builder::Builder(std::string_view boundary) : boundary_(boundary) { check_boundary(boundary); }

MultipartBody::Builder& MultipartBody::Builder::type(const MediaType& type) {
  if (type.type() != "multipart" || type.parameter("boundary")) {
    throw std::invalid_argument("not a multipart type without boundary: " + type.to_string());
  }
  type_ = type;
  return *this;
}

MultipartBody::Builder& MultipartBody::Builder::add_part(RequestBodyPtr body) {
  return add_part(Headers(), std::move(body));
}

MultipartBody::Builder& MultipartBody::Builder::add_part(const Headers& headers, RequestBodyPtr body) {
  if (!body) throw std::invalid_argument("a part needs a body");
  if (body->is_duplex()) throw std::invalid_argument("a duplex body cannot be a part");
  for (const std::string_view name : {"Content-Type", "Content-Length"}) {
    if (headers.contains(name)) throw std::invalid_argument("unexpected header of a part: " + std::string(name));
  }
  Headers::Builder complete = headers.new_builder();
  if (const auto type = body->content_type()) complete.add("Content-Type", type->to_string());
  parts_.push_back(Part(std::move(complete).build(), std::move(body)));
  return *this;
}

MultipartBody::Builder& MultipartBody::Builder::add_form_data_part(std::string_view name, std::string_view value) {
  Headers::Builder headers;
  headers.add("Content-Disposition", "form-data; name=" + quoted_name(name));
  add_part(std::move(headers).build(), RequestBody::create(std::string(value)));
  is_form_ = true;
  return *this;
}

MultipartBody::Builder& MultipartBody::Builder::add_form_data_part(std::string_view name, std::string_view filename,
                                                                   RequestBodyPtr body) {
  Headers::Builder headers;
  headers.add("Content-Disposition", "form-data; name=" + quoted_name(name) + "; filename=" + quoted_name(filename));
  add_part(std::move(headers).build(), std::move(body));
  is_form_ = true;
  return *this;
}

std::shared_ptr<const MultipartBody> MultipartBody::Builder::build() const {
  if (parts_.empty()) throw std::invalid_argument("a multipart body needs at least one part");
  const MediaType type = type_ ? *type_ : MediaType::parse(is_form_ ? "multipart/form-data" : "multipart/mixed");
  return std::shared_ptr<const MultipartBody>(new MultipartBody(with_boundary(type, boundary_), boundary_, parts_));
}

}  // namespace okhttp
