#pragma once

#include <string>
#include <vector>

#include "interceptors/chain.hpp"
#include "interceptors/content_coding.hpp"

namespace okhttp::internal {

/// Between what an application asks for and what goes over the wire: adds the headers that HTTP needs, and takes off
/// the codings that it asked for itself.
class BridgeInterceptor final : public Stage {
 public:
  /// `codings` are what responses may be coded in, the preferred one first.
  explicit BridgeInterceptor(std::vector<ContentCoding> codings = {gzip_coding()});

  Task<Response> run(ChainStep step) override;

  /// The request as it goes over the wire.
  struct Outgoing {
    Outgoing(Request on_wire, bool asked) : request(std::move(on_wire)), asked_for_codings(asked) {}
    Request request;
    bool asked_for_codings;  ///< whatever of them comes back, the application knows nothing of it
  };
  [[nodiscard]] Outgoing outgoing(const Request& request) const;
  /// The response to `request`, made of what came back for the outgoing one.
  [[nodiscard]] Response incoming(const Request& request, bool asked_for_codings, const Response& response) const;

 private:
  const std::vector<ContentCoding> codings_;
  std::string accept_encoding_;
};

}  // namespace okhttp::internal
