#include "wire/connection_spec_selector.hpp"

#include <algorithm>

#include "wire/tls_error.hpp"

namespace okhttp::internal {

std::optional<TlsVersion> ConnectionSpecSelector::newest(const ConnectionSpec& spec) const noexcept {
  std::optional<TlsVersion> found;
  for (const TlsVersion version : spec.tls_versions()) {
    if (version >= bounds_.min_version() && version <= bounds_.max_version()) found = version;
  }
  return found;
}

std::optional<std::size_t> ConnectionSpecSelector::next(std::size_t from) const noexcept {
  for (std::size_t i = from; i < specs_.size(); ++i) {
    if (newest(specs_[i]).has_value()) return i;
  }
  return std::nullopt;
}

const ConnectionSpec& ConnectionSpecSelector::first_or_modern() const noexcept {
  const std::optional<std::size_t> first = next(0);
  return first.has_value() ? specs_[*first] : ConnectionSpec::modern_tls();
}

bool ConnectionSpecSelector::is_downgrade(std::size_t index) const noexcept {
  return std::any_of(specs_.begin(), specs_.end(),
                     [&](const ConnectionSpec& other) { return newest(specs_[index]) < newest(other); });
}

bool ConnectionSpecSelector::may_cure(const IoResult& failure) noexcept {
  // A server that knows too little often hangs up instead of saying so.
  if (failure.status == IoStatus::end) return true;
  if (failure.status != IoStatus::failed) return false;
  return failure.error == make_error_code(TlsErrc::alert_received) ||
         failure.error == make_error_code(TlsErrc::truncated) || failure.error == make_error_code(TlsErrc::failed);
}

}  // namespace okhttp::internal
