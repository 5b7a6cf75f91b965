#include <okhttp/form_body.hpp>

#include "http/ascii.hpp"
#include "http/percent_encoding.hpp"

namespace okhttp {
namespace {

enum class Input : std::uint8_t { plain, encoded };

bool is_escape(std::string_view text) noexcept {
  return text.size() >= 3 && text[0] == '%' && internal::hex_value(text[1]) >= 0 && internal::hex_value(text[2]) >= 0;
}

// https://url.spec.whatwg.org/#application-x-www-form-urlencoded-percent-encode-set
bool stands_for_itself(char c) noexcept {
  return internal::is_alpha(c) || internal::is_digit(c) || c == '*' || c == '-' || c == '.' || c == '_';
}

std::string encode(std::string_view text, Input input) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (stands_for_itself(c)) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else if (input == Input::encoded && (c == '+' || is_escape(text.substr(i)))) {
      out += c;
    } else if (input == Input::plain || (c != '\t' && c != '\r' && c != '\n')) {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

}  // namespace

FormBody::FormBody(Fields fields) : fields_(std::move(fields)) {
  for (const auto& [name, value] : fields_) {
    if (!text_.empty()) text_ += '&';
    text_ += name;
    text_ += '=';
    text_ += value;
  }
}

std::string FormBody::name(std::size_t index) const { return internal::percent_decode(encoded_name(index), true); }
std::string FormBody::value(std::size_t index) const { return internal::percent_decode(encoded_value(index), true); }

std::optional<MediaType> FormBody::content_type() const {
  static const MediaType& type = *new MediaType(MediaType::parse("application/x-www-form-urlencoded"));
  return type;
}

std::optional<std::span<const std::byte>> FormBody::in_memory() const { return std::as_bytes(std::span(text_)); }

Task<void> FormBody::write_to(BodySink& sink) const { return sink.write(std::string_view(text_)); }

FormBody::Builder& FormBody::Builder::add(std::string_view name, std::string_view value) {
  fields_.emplace_back(encode(name, Input::plain), encode(value, Input::plain));
  return *this;
}

FormBody::Builder& FormBody::Builder::add_encoded(std::string_view name, std::string_view value) {
  fields_.emplace_back(encode(name, Input::encoded), encode(value, Input::encoded));
  return *this;
}

std::shared_ptr<const FormBody> FormBody::Builder::build() const {
  return std::shared_ptr<const FormBody>(new FormBody(fields_));
}

}  // namespace okhttp
