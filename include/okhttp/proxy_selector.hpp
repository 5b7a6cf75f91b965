#pragma once

#include <okhttp/config.hpp>
#include <okhttp/proxy.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace okhttp {

class Error;
class Url;

/// Says which proxies a URL is to be reached through.
///
/// It is asked when a new connection is needed. Connections are shared among the calls of clients that have the very
/// same selector, for one host and port: a selector that wants another proxy, or other credentials, for what it was
/// asked before should be replaced by a new one.
///
/// Threads: called on the engine that runs the call, several at once, and must not block. Never called with a lock of
/// the library held.
class OKHTTP_API ProxySelector {
 public:
  ProxySelector() = default;
  ProxySelector(const ProxySelector&) = delete;
  ProxySelector& operator=(const ProxySelector&) = delete;
  virtual ~ProxySelector() = default;

  /// The proxies to try, in order; Proxy::direct() among them stands for none. An empty list means direct. Throws Error
  /// when the URL cannot be reached at all.
  [[nodiscard]] virtual std::vector<Proxy> select(const Url& url) = 0;
  /// Told that a proxy could not be reached for `url`, so that it may be avoided for a while. Must not throw.
  virtual void connect_failed(const Url& /*url*/, const Proxy& /*proxy*/, const Error& /*error*/) {}

  /// What the environment says when this is called: http_proxy for http, https_proxy for https, all_proxy for both,
  /// and no_proxy for exceptions; each in upper case when it is not set in lower case, save that HTTP_PROXY is ignored
  /// when REQUEST_METHOD is set, because in CGI a remote client's Proxy field is found there (CVE-2016-5385). An empty
  /// value means direct.
  ///
  /// A value that is no proxy fails the calls it is meant for with Errc::proxy_failed: going direct instead might tell
  /// the network what the proxy was to hide.
  ///
  /// no_proxy is a list, separated by commas or spaces, of: `*` for every host; `example.com` or `.example.com` for the
  /// domain and all below it; `*.example.com` for all below it alone; addresses (IPv6 with or without brackets);
  /// networks as `10.0.0.0/8` or `fd00::/8`. All but networks may end in `:port`. Names are not resolved to see
  /// whether a network holds them. What is none of these matches nothing.
  ///
  /// Two calls give one selector as long as the environment stays the same.
  [[nodiscard]] static std::shared_ptr<ProxySelector> environment();
  /// Direct, always.
  [[nodiscard]] static std::shared_ptr<ProxySelector> none();
  /// That proxy, always.
  [[nodiscard]] static std::shared_ptr<ProxySelector> fixed(Proxy proxy);
  /// Direct for the hosts that `no_proxy` lists, as the variable of that name does; `others` for all else.
  [[nodiscard]] static std::shared_ptr<ProxySelector> except(std::string_view no_proxy,
                                                             std::shared_ptr<ProxySelector> others);
};

}  // namespace okhttp
