#pragma once

#include <okhttp/client.hpp>

#include <memory>
#include <vector>

namespace okcurl {

/// The content codings that this program was built with, the preferred one first.
[[nodiscard]] std::vector<std::shared_ptr<const okhttp::ContentCoding>> built_in_codings();

}  // namespace okcurl
