#include "connection/proxy_passage.hpp"

#include <okhttp/error.hpp>

#include <array>
#include <utility>

#include "connection/proxy_credentials.hpp"
#include "runtime/call_context.hpp"
#include "wire/connection_spec_selector.hpp"
#include "wire/socks_handshake.hpp"
#include "wire/tls_stream.hpp"

namespace okhttp::internal {

ProxyPassage::ProxyPassage(CallContext& context, const ConnectionSettings& settings, const Route& route,
                           TimePoint until)
    : context_(context), settings_(settings), route_(route), until_(until) {}

Task<std::unique_ptr<Stream>> ProxyPassage::pass(std::unique_ptr<Stream> stream) {
  const Proxy& proxy = route_.proxy();
  if (proxy.is_socks()) {
    const Address& address = route_.address();
    SocksClient client(proxy, address.host(), address.port(), route_.target());
    co_await shake_hands_with_socks(context_, until_, *stream, std::move(client), "reaching " + route_.to_string());
    co_return stream;
  }
  if (proxy.type() == Proxy::Type::https) {
    std::unique_ptr<Stream> secured = co_await secure(std::move(stream));
    stream = std::move(secured);
  }
  if (!tunnel_.has_value()) {
    std::optional<std::string> beforehand = co_await credentials_beforehand(context_, route_);
    authorization_ = std::move(beforehand);
  }
  if (route_.is_forwarded()) co_return stream;
  if (!tunnel_.has_value()) tunnel_.emplace(context_, route_, until_, authorization_);
  const Tunnel::Outcome outcome = co_await tunnel_->open(*stream);
  if (outcome != Tunnel::Outcome::open) stream = nullptr;
  co_return stream;
}

Task<std::unique_ptr<Stream>> ProxyPassage::secure(std::unique_ptr<Stream> stream) {
  constexpr std::array kOffered = {Protocol::http_1_1};
  const std::string& host = route_.proxy().host();
  const ConnectionIdentity& identity = route_.address().identity();
  const ConnectionSpec& spec = ConnectionSpecSelector(identity.specs, identity.tls).first_or_modern();
  const std::shared_ptr<const TlsContext> context = settings_.proxy_tls->get(spec);
  std::shared_ptr<TlsSessions> sessions =
      settings_.store->tls_sessions().of(route_.address(), route_.proxy(), TlsEnd::proxy);
  std::unique_ptr<TlsStream> tls = TlsStream::client(context, std::move(stream), host, kOffered, std::move(sessions));
  TlsHandshake shake_hands(context_.engine(), context_.terms_until(until_), *tls);
  const IoResult result = co_await shake_hands;
  if (result.status == IoStatus::deadline || result.status == IoStatus::canceled) {
    throw error_of(context_, result, Errc::read_timeout, "TLS handshake with " + route_.proxy().to_string(), *tls);
  }
  if (!result.ok()) throw tls->handshake_error(result);
  tls->keep_sessions();
  co_return std::unique_ptr<Stream>(std::move(tls));
}

}  // namespace okhttp::internal
