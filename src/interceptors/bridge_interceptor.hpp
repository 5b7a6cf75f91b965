#pragma once

#include <okhttp/cookie_jar.hpp>

#include <memory>
#include <string>
#include <vector>

#include "interceptors/chain.hpp"
#include "interceptors/content_decoding.hpp"

namespace okhttp::internal {

/// Between what an application asks for and what goes over the wire: adds the headers that HTTP needs and the jar's
/// cookies, keeps the cookies that come back, and takes off the codings that it asked for itself.
class BridgeInterceptor final : public Stage {
 public:
  /// `added` are the codings that responses may come in besides those of every client. Without a jar (null) cookies are
  /// neither sent nor kept.
  explicit BridgeInterceptor(std::shared_ptr<CookieJar> jar = nullptr, const ContentCodings& added = ContentCodings());

  Task<Response> run(ChainStep step) override;

  /// The request as it goes over the wire. Asks the jar.
  struct Outgoing {
    Outgoing(Request on_wire, bool asked) : request(std::move(on_wire)), asked_for_codings(asked) {}
    Request request;
    bool asked_for_codings;  ///< whatever of them comes back, the application knows nothing of it
  };
  [[nodiscard]] Outgoing outgoing(const Request& request) const { return outgoing(request, jar_.get()); }
  /// The response to `request`, made of what came back for the outgoing one; which came from the network, unless it
  /// `tells_origin` itself. Tells the jar.
  [[nodiscard]] Response incoming(const Request& request, bool asked_for_codings, const Response& response,
                                  bool tells_origin = false) const {
    return incoming(request, asked_for_codings, response, tells_origin, jar_.get());
  }

 private:
  [[nodiscard]] Outgoing outgoing(const Request& request, CookieJar* jar) const;
  [[nodiscard]] Response incoming(const Request& request, bool asked_for_codings, const Response& response,
                                  bool tells_origin, CookieJar* jar) const;

  const std::shared_ptr<CookieJar> jar_;
  const ContentCodings codings_;
  const std::string accept_encoding_;
};

}  // namespace okhttp::internal
