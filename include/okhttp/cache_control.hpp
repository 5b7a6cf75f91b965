#pragma once

#include <okhttp/chrono.hpp>
#include <okhttp/config.hpp>
#include <okhttp/headers.hpp>

#include <optional>
#include <string>
#include <vector>

namespace okhttp {

/// The directives of a Cache-Control field, of a request or of a response (RFC 9111 §5.2). An immutable value.
///
/// Durations beyond 2147483647 s are cut to that, as RFC 9111 §1.2.2 asks.
class OKHTTP_API CacheControl {
 public:
  class Builder;

  /// No directives.
  CacheControl() = default;

  /// Reads every Cache-Control field, and Pragma for HTTP/1.0. Of a directive given twice the first counts; a
  /// `max-age` or `s-maxage` that is no number counts as 0, so that what it describes is stale (RFC 9111 §4.2.1).
  [[nodiscard]] static CacheControl parse(const Headers& headers);

  /// For requests that must be answered or confirmed by the network.
  [[nodiscard]] static CacheControl force_network();
  /// For requests that must not touch the network; what is in the cache answers however stale, else the status is 504.
  [[nodiscard]] static CacheControl force_cache();

  /// In a response: use it only after validation. In a request: do not answer from the cache without validation.
  [[nodiscard]] bool no_cache() const noexcept { return no_cache_; }
  /// The fields that `no-cache="a, b"` names: these alone must not be used without validation. Empty when no_cache() is
  /// meant for the whole response (RFC 9111 §5.2.2.4).
  [[nodiscard]] const std::vector<std::string>& no_cache_fields() const noexcept { return no_cache_fields_; }
  /// Do not keep the response.
  [[nodiscard]] bool no_store() const noexcept { return no_store_; }
  [[nodiscard]] std::optional<std::chrono::seconds> max_age() const noexcept { return max_age_; }
  /// For shared caches; this library's cache is private and only reports it.
  [[nodiscard]] std::optional<std::chrono::seconds> s_maxage() const noexcept { return s_maxage_; }
  [[nodiscard]] bool is_private() const noexcept { return is_private_; }
  /// The fields that `private="a, b"` names; empty when is_private() is meant for the whole response (§5.2.2.7).
  [[nodiscard]] const std::vector<std::string>& private_fields() const noexcept { return private_fields_; }
  [[nodiscard]] bool is_public() const noexcept { return is_public_; }
  /// Never use it once it is stale, unless the origin confirmed it (§5.2.2.2).
  [[nodiscard]] bool must_revalidate() const noexcept { return must_revalidate_; }
  /// must_revalidate() for shared caches.
  [[nodiscard]] bool proxy_revalidate() const noexcept { return proxy_revalidate_; }
  /// Keep it only if its status code is understood, and then whatever no_store() says (§5.2.2.3).
  [[nodiscard]] bool must_understand() const noexcept { return must_understand_; }
  /// In a request: how stale an answer may be. Without a number in the field it is the greatest duration.
  [[nodiscard]] std::optional<std::chrono::seconds> max_stale() const noexcept { return max_stale_; }
  /// In a request: how long the answer must stay fresh.
  [[nodiscard]] std::optional<std::chrono::seconds> min_fresh() const noexcept { return min_fresh_; }
  [[nodiscard]] bool only_if_cached() const noexcept { return only_if_cached_; }
  [[nodiscard]] bool no_transform() const noexcept { return no_transform_; }
  /// The body never changes while it is fresh (RFC 8246).
  [[nodiscard]] bool immutable() const noexcept { return immutable_; }
  /// How long a stale response may be served while it is being refreshed (RFC 5861 §3).
  [[nodiscard]] std::optional<std::chrono::seconds> stale_while_revalidate() const noexcept {
    return stale_while_revalidate_;
  }
  /// How long a stale response may be served when the origin fails (RFC 5861 §4).
  [[nodiscard]] std::optional<std::chrono::seconds> stale_if_error() const noexcept { return stale_if_error_; }

  /// A field value: the one that was parsed if there was exactly one, else the directives known here.
  [[nodiscard]] std::string to_string() const;

  /// True when both hold the same directives.
  friend OKHTTP_API bool operator==(const CacheControl& a, const CacheControl& b) noexcept;

 private:
  using Seconds = std::optional<std::chrono::seconds>;
  void read_field(std::string_view value);
  void apply(std::string_view directive, const std::optional<std::string>& argument);
  static void apply_fields(bool& flag, std::vector<std::string>& fields, const std::optional<std::string>& argument);

  bool no_cache_ = false;
  bool no_store_ = false;
  bool is_private_ = false;
  bool is_public_ = false;
  bool must_revalidate_ = false;
  bool proxy_revalidate_ = false;
  bool must_understand_ = false;
  bool only_if_cached_ = false;
  bool no_transform_ = false;
  bool immutable_ = false;
  Seconds max_age_;
  Seconds s_maxage_;
  Seconds max_stale_;
  Seconds min_fresh_;
  Seconds stale_while_revalidate_;
  Seconds stale_if_error_;
  std::vector<std::string> no_cache_fields_;
  std::vector<std::string> private_fields_;
  std::string field_value_;
};

/// Collects directives, for a request or for a response that a program makes itself. Durations below 0 throw
/// std::invalid_argument.
class OKHTTP_API CacheControl::Builder {
 public:
  Builder& no_cache();
  Builder& no_store();
  Builder& max_age(std::chrono::seconds duration);
  Builder& max_stale(std::chrono::seconds duration);
  Builder& min_fresh(std::chrono::seconds duration);
  Builder& stale_if_error(std::chrono::seconds duration);
  Builder& only_if_cached();
  Builder& no_transform();
  Builder& immutable();
  Builder& make_private();
  Builder& make_public();
  Builder& must_revalidate();
  Builder& stale_while_revalidate(std::chrono::seconds duration);
  [[nodiscard]] CacheControl build() const { return result_; }

 private:
  CacheControl result_;
};

}  // namespace okhttp
