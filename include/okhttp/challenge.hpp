#pragma once

#include <okhttp/config.hpp>
#include <okhttp/headers.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace okhttp {

/// One challenge of a WWW-Authenticate or Proxy-Authenticate field (RFC 9110 §11.6.1). An immutable value.
class OKHTTP_API Challenge {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  /// With parameters, as `Digest realm="a", nonce="b"`.
  explicit Challenge(std::string scheme, Parameters parameters = {});
  /// With a token68, as `Negotiate oRQwEqADCgEB`.
  [[nodiscard]] static Challenge with_token68(std::string scheme, std::string token68);

  /// The scheme as it was sent; compare it with is_scheme().
  [[nodiscard]] const std::string& scheme() const noexcept { return scheme_; }
  [[nodiscard]] bool is_scheme(std::string_view name) const noexcept { return equals_ignore_case(scheme_, name); }
  /// The token68, empty if there is none.
  [[nodiscard]] const std::string& token68() const noexcept { return token68_; }
  /// The parameters in the order they were sent, quotes and escapes resolved.
  [[nodiscard]] const Parameters& parameters() const noexcept { return parameters_; }
  /// The parameter of that name, compared without regard to case. The view lives as long as this object.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const noexcept;
  [[nodiscard]] std::optional<std::string_view> realm() const noexcept { return parameter("realm"); }
  /// True when the server asked for UTF-8 in user names and passwords (RFC 7617 §2.1).
  [[nodiscard]] bool wants_utf8() const noexcept;

  /// As a field value, parameters quoted.
  [[nodiscard]] std::string to_string() const;

  friend OKHTTP_API bool operator==(const Challenge& a, const Challenge& b) noexcept;

 private:
  std::string scheme_;
  std::string token68_;
  Parameters parameters_;
};

/// All challenges in the fields called `name`, in order. Several may share a field. Where a field breaks the grammar,
/// the challenges before that place count and the rest of that field does not.
[[nodiscard]] OKHTTP_API std::vector<Challenge> parse_challenges(const Headers& headers, std::string_view name);

}  // namespace okhttp
