#include "connection/codec_factory.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "codec/http1/http1_connection_codec.hpp"
#include "codec/http2/http2_connection.hpp"

namespace okhttp::internal {
namespace {

bool contains(const std::vector<Protocol>& protocols, Protocol wanted) noexcept {
  return std::find(protocols.begin(), protocols.end(), wanted) != protocols.end();
}

}  // namespace

std::vector<Protocol> CodecFactory::offered_to(const Address& address, const ConnectionSpec& spec) const {
  std::vector<Protocol> offered = address.identity().protocols;
  std::erase_if(offered,
                [](Protocol protocol) { return protocol != Protocol::http_1_1 && protocol != Protocol::http_2; });
  if (!spec.is_fit_for_http2()) std::erase(offered, Protocol::http_2);
  return offered;
}

Protocol CodecFactory::in_clear_text(const Address& address) const noexcept {
  const bool is_known = contains(address.identity().protocols, Protocol::h2_prior_knowledge);
  return is_known ? Protocol::h2_prior_knowledge : Protocol::http_1_1;
}

bool CodecFactory::may_multiplex(const Address& address) const {
  if (!address.is_tls()) return in_clear_text(address) != Protocol::http_1_1;
  const std::vector<ConnectionSpec>& specs = address.identity().specs;
  return contains(address.identity().protocols, Protocol::http_2) &&
         std::any_of(specs.begin(), specs.end(), [](const ConnectionSpec& spec) { return spec.is_fit_for_http2(); });
}

std::shared_ptr<ConnectionCodec> StandardCodecs::make(Protocol protocol, std::unique_ptr<Stream> stream,
                                                      const Route& route) const {
  std::string peer = route.address().to_string();
  if (route.is_forwarded()) {
    peer += " via " + route.proxy().to_string();
    return std::make_shared<Http1ConnectionCodec>(std::move(stream), std::move(peer), RequestTarget::absolute);
  }
  if (protocol != Protocol::http_2 && protocol != Protocol::h2_prior_knowledge) {
    return std::make_shared<Http1ConnectionCodec>(std::move(stream), std::move(peer));
  }
  Http2Options options;
  options.ping_interval = ping_interval_;
  std::shared_ptr<Http2Connection> codec =
      Http2Connection::create(std::move(stream), std::move(peer), protocol, options);
  if (ping_interval_ > Duration::zero()) codec->start_pings(*loops_->get());
  return codec;
}

}  // namespace okhttp::internal
