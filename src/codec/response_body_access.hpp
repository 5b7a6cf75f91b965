#pragma once

#include <okhttp/response_body.hpp>

#include <memory>

namespace okhttp::internal {

/// What the library looks for in a ResponseBody, beyond what its readers may.
struct ResponseBodyAccess {
  /// True when it is known that nothing more can be read.
  [[nodiscard]] static bool is_at_end(const ResponseBody& body) noexcept;
  /// Closes the body, and gives its rest to `rest` as far as that comes.
  static void abandon_to(const ResponseBody& body, std::unique_ptr<BodyRest> rest) noexcept;
};

}  // namespace okhttp::internal
