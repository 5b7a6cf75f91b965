#include "route/address.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace okhttp::internal {

std::string Address::to_string() const {
  const bool is_ipv6 = host().find(':') != std::string::npos;
  return (is_ipv6 ? '[' + host() + ']' : host()) + ':' + std::to_string(port());
}

std::size_t AddressBook::KeyHash::operator()(const KeyView& key) const noexcept {
  std::size_t hash = std::hash<std::string_view>()(key.host);
  hash = hash * 31 + key.port;
  hash = hash * 31 + (key.is_tls ? 1 : 0);
  return hash * 31 + std::hash<const void*>()(key.identity);
}

std::shared_ptr<const ConnectionIdentity> AddressBook::intern(ConnectionIdentity identity) {
  const std::lock_guard lock(mutex_);
  std::erase_if(identities_, [](const auto& known) { return known.expired(); });
  for (const auto& weak : identities_) {
    if (auto known = weak.lock(); known != nullptr && *known == identity) return known;
  }
  auto made = std::make_shared<const ConnectionIdentity>(std::move(identity));
  identities_.push_back(made);
  return made;
}

Address AddressBook::find(const Url& url, const std::shared_ptr<const ConnectionIdentity>& identity) {
  KeyView key{url.host(), url.port(), url.is_tls(), identity.get()};
  const std::lock_guard lock(mutex_);
  if (const auto known = entries_.find(key); known != entries_.end()) return Address(known->second.fields);
  if (entries_.size() >= drop_at_) drop_unused();
  auto fields = std::make_shared<const Address::Fields>(std::string(key.host), key.port, key.is_tls, *identity);
  key.host = fields->host;
  entries_.emplace(key, Entry{identity, fields});
  return Address(std::move(fields));
}

void AddressBook::drop_unused() {
  std::erase_if(entries_, [](const auto& item) { return item.second.fields.use_count() == 1; });
  drop_at_ = std::max<std::size_t>(256, entries_.size() * 2);
}

}  // namespace okhttp::internal
