#pragma once

#include <okhttp/config.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/request_body.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace okhttp {

/// Several bodies in one, each with its own headers (RFC 2046 §5.1); as a form with files (RFC 7578). Parts are written
/// one after another as they come, so a file among them is never in memory.
class OKHTTP_API MultipartBody final : public RequestBody {
 public:
  class Builder;

  /// One part: its headers, among them the Content-Type of its body, and its body.
  class OKHTTP_API Part {
   public:
    [[nodiscard]] const Headers& headers() const noexcept { return headers_; }
    [[nodiscard]] const RequestBodyPtr& body() const noexcept { return body_; }

   private:
    friend class Builder;
    friend class MultipartBody;
    Part(Headers headers, RequestBodyPtr body) noexcept : headers_(std::move(headers)), body_(std::move(body)) {}

    Headers headers_;
    RequestBodyPtr body_;
  };

  [[nodiscard]] const std::string& boundary() const noexcept { return boundary_; }
  [[nodiscard]] const std::vector<Part>& parts() const noexcept { return parts_; }

  /// The type with its boundary.
  [[nodiscard]] std::optional<MediaType> content_type() const override { return content_type_; }
  /// Known when every part knows its own.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const override;
  /// True when one of the parts is.
  [[nodiscard]] bool is_one_shot() const override;
  [[nodiscard]] Task<void> write_to(BodySink& sink) const override;

 private:
  MultipartBody(MediaType content_type, std::string boundary, std::vector<Part> parts);

  MediaType content_type_;
  std::string boundary_;
  std::vector<Part> parts_;
  std::vector<std::string> heads_;  // what stands before each part: the end of the part before, boundary, headers
  std::string tail_;
};

/// Collects the parts. Not thread-safe.
class OKHTTP_API MultipartBody::Builder {
 public:
  /// A boundary that nobody can guess.
  Builder();
  /// 1 to 70 of the characters that RFC 2046 §5.1.1 allows, else throws std::invalid_argument. It must not occur in any
  /// part, which is not checked.
  explicit Builder(std::string_view boundary);

  /// "multipart/mixed" unless set: multipart/alternative, digest, parallel, form-data ... Throws std::invalid_argument
  /// for what is not multipart or has a boundary already.
  Builder& type(const MediaType& type);
  /// Appends a part without headers but for its Content-Type.
  Builder& add_part(RequestBodyPtr body);
  /// Appends a part. Throws std::invalid_argument for a duplex body and when the headers hold Content-Type or
  /// Content-Length, which the body says.
  Builder& add_part(const Headers& headers, RequestBodyPtr body);
  /// Appends a field of a form; the type becomes multipart/form-data unless it was set.
  Builder& add_form_data_part(std::string_view name, std::string_view value);
  /// Appends a file of a form. As browsers do, '"', CR and LF in names are sent as %22, %0D and %0A; other control
  /// characters throw std::invalid_argument.
  Builder& add_form_data_part(std::string_view name, std::string_view filename, RequestBodyPtr body);

  /// Throws std::invalid_argument when there is no part.
  [[nodiscard]] std::shared_ptr<const MultipartBody> build() const;

 private:
  std::string boundary_;
  std::optional<MediaType> type_;
  bool is_form_ = false;
  std::vector<Part> parts_;
};

}  // namespace okhttp
