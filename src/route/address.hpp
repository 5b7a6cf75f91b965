#pragma once

#include <okhttp/address_policy.hpp>
#include <okhttp/authenticator.hpp>
#include <okhttp/certificate_pinner.hpp>
#include <okhttp/connection_spec.hpp>
#include <okhttp/dns.hpp>
#include <okhttp/function.hpp>
#include <okhttp/hostname_verifier.hpp>
#include <okhttp/protocol.hpp>
#include <okhttp/proxy.hpp>
#include <okhttp/proxy_selector.hpp>
#include <okhttp/tls.hpp>
#include <okhttp/url.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/socket_settings.hpp"

namespace okhttp::internal {

/// What a client's settings say about whom its connections talk to and what they prove: the part of the reuse key that
/// all calls of one client share.
struct ConnectionIdentity {
  ConnectionIdentity(std::shared_ptr<Dns> resolver, std::vector<Protocol> wanted_protocols, TlsConfig tls_config)
      : dns(std::move(resolver)), protocols(std::move(wanted_protocols)), tls(std::move(tls_config)) {}
  std::shared_ptr<Dns> dns;  ///< compared by identity
  std::vector<Protocol> protocols;
  TlsConfig tls;  ///< trust, client certificate, verification, bounds of versions
  std::vector<ConnectionSpec> specs{ConnectionSpec::modern_tls(), ConnectionSpec::cleartext()};
  std::shared_ptr<HostnameVerifier> hostname_verifier = HostnameVerifier::default_rules();  ///< compared by identity
  /// Null permits every host that the specs permit; compared by identity.
  std::shared_ptr<const std::function<bool(const std::string&)>> cleartext_policy;
  CertificatePinner pinner;
  std::optional<Proxy> proxy;  ///< with its credentials; when there is one, nobody asks the selector
  std::shared_ptr<ProxySelector> proxy_selector = ProxySelector::none();       ///< compared by identity
  std::shared_ptr<Authenticator> proxy_authenticator = Authenticator::none();  ///< compared by identity
  std::shared_ptr<AddressPolicy> address_policy;  ///< null permits everything; compared by identity
  SocketSettings sockets;

  friend bool operator==(const ConnectionIdentity&, const ConnectionIdentity&) = default;
};

/// What a connection is for: whom it talks to and what the two ends prove. Two requests may share a connection exactly
/// when their addresses are equal, which is one comparison of pointers: an AddressBook makes each value once.
class Address {
 public:
  struct Fields {
    Fields(std::string host_name, std::uint16_t port_number, bool uses_tls, ConnectionIdentity client_identity)
        : host(std::move(host_name)), port(port_number), is_tls(uses_tls), identity(std::move(client_identity)) {}
    std::string host;  ///< canonical, as Url::host()
    std::uint16_t port;
    bool is_tls;
    ConnectionIdentity identity;

    friend bool operator==(const Fields&, const Fields&) = default;
  };

  [[nodiscard]] const std::string& host() const noexcept { return fields_->host; }
  [[nodiscard]] std::uint16_t port() const noexcept { return fields_->port; }
  [[nodiscard]] bool is_tls() const noexcept { return fields_->is_tls; }
  [[nodiscard]] const ConnectionIdentity& identity() const noexcept { return fields_->identity; }
  /// "example.com:443", for messages.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Address& a, const Address& b) noexcept { return a.fields_ == b.fields_; }

  struct Hash {
    std::size_t operator()(const Address& address) const noexcept {
      return std::hash<const void*>()(address.fields_.get());
    }
  };

 private:
  friend class AddressBook;
  explicit Address(std::shared_ptr<const Fields> fields) noexcept : fields_(std::move(fields)) {}
  std::shared_ptr<const Fields> fields_;
};

/// Makes addresses, each value once. Shared by all clients that share a pool. Safe from any thread.
class AddressBook final {
 public:
  /// The identity, made once for equal values, under a number that find() takes.
  [[nodiscard]] std::shared_ptr<const ConnectionIdentity> intern(ConnectionIdentity identity);

  /// The address of `url` for a client with that interned identity.
  [[nodiscard]] Address find(const Url& url, const std::shared_ptr<const ConnectionIdentity>& identity);

 private:
  struct KeyView {
    std::string_view host;
    std::uint16_t port;
    bool is_tls;
    const ConnectionIdentity* identity;
    friend bool operator==(const KeyView&, const KeyView&) noexcept = default;
  };
  struct KeyHash {
    std::size_t operator()(const KeyView& key) const noexcept;
  };
  struct Entry {
    std::shared_ptr<const ConnectionIdentity> identity;  // keeps the key's pointer from being reused
    std::shared_ptr<const Address::Fields> fields;       // the key's host lies in it
  };

  void drop_unused();

  std::mutex mutex_;
  std::vector<std::weak_ptr<const ConnectionIdentity>> identities_;
  std::unordered_map<KeyView, Entry, KeyHash> entries_;
  std::size_t drop_at_ = 256;
};

}  // namespace okhttp::internal
