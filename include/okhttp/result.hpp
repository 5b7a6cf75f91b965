#pragma once

#include <okhttp/error.hpp>

#include <utility>
#include <variant>

namespace okhttp {

/// What a call gave when it was asked not to throw: a value, or the Error that it would have thrown.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value; throws the Error when there is none.
  [[nodiscard]] T& value() & {
    throw_if_failed();
    return *std::get_if<0>(&content_);
  }
  [[nodiscard]] const T& value() const& {
    throw_if_failed();
    return *std::get_if<0>(&content_);
  }
  [[nodiscard]] T&& value() && {
    throw_if_failed();
    return std::move(*std::get_if<0>(&content_));
  }
  /// Requires: has_value().
  [[nodiscard]] T& operator*() noexcept { return *std::get_if<0>(&content_); }
  [[nodiscard]] T* operator->() noexcept { return std::get_if<0>(&content_); }
  [[nodiscard]] const T& operator*() const noexcept { return *std::get_if<0>(&content_); }
  [[nodiscard]] const T* operator->() const noexcept { return std::get_if<0>(&content_); }
  /// Requires: !has_value().
  [[nodiscard]] const Error& error() const noexcept { return *std::get_if<1>(&content_); }

 private:
  void throw_if_failed() const {
    if (!has_value()) throw error();
  }

  std::variant<T, Error> content_;
};

}  // namespace okhttp
