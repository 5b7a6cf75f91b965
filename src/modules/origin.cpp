#include "modules/origin.hpp"

namespace okhttp::internal {

std::string origin_of(const Url& url) {
  return std::string(url.scheme()) + "://" + std::string(url.host()) + ":" + std::to_string(url.port());
}

}  // namespace okhttp::internal
