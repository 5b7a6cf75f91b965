#include <okhttp/handshake.hpp>
#include <okhttp/hostname_verifier.hpp>

#include "wire/peer_verification.hpp"

namespace okhttp {
namespace {

class DefaultRules final : public HostnameVerifier {
 public:
  bool verify(const std::string& host, const Handshake& handshake) override {
    const std::vector<Certificate>& shown = handshake.peer_certificates();
    return !shown.empty() && internal::covers_host(shown.front(), host);
  }
};

}  // namespace

const std::shared_ptr<HostnameVerifier>& HostnameVerifier::default_rules() {
  static const std::shared_ptr<HostnameVerifier> rules = std::make_shared<DefaultRules>();
  return rules;
}

}  // namespace okhttp
