#include "route/route.hpp"

#include <algorithm>

namespace okhttp::internal {

bool Route::requires_tunnel() const noexcept {
  if (!proxy_.is_http()) return false;
  const std::vector<Protocol>& protocols = address_.identity().protocols;
  return address_.is_tls() ||
         std::find(protocols.begin(), protocols.end(), Protocol::h2_prior_knowledge) != protocols.end();
}

std::string Route::to_string() const {
  std::string text = address_.to_string();
  if (target_.has_value()) text += " (" + target_->address.to_string() + ')';
  if (!proxy_.is_direct()) text += " via " + proxy_.to_string();
  const std::string& unix_path = address_.identity().sockets.unix_path;
  return text + " at " + (unix_path.empty() ? endpoint_.to_string() : "unix:" + unix_path);
}

}  // namespace okhttp::internal
