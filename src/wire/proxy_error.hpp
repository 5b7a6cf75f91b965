#pragma once

#include <okhttp/error.hpp>

#include <string_view>

#include "runtime/call_context.hpp"

namespace okhttp::internal {

/// A failure to talk to a proxy: time-outs and cancellations as everywhere, all else as Errc::proxy_failed.
[[nodiscard]] Error proxy_error(const CallContext& context, const IoResult& result, Errc on_deadline,
                                std::string_view doing, const Stream& stream);

/// Terms of one wait among several that together may last until `until`.
[[nodiscard]] WaitTerms terms_within(const CallContext& context, Timeouts::Duration timeout, TimePoint until) noexcept;

}  // namespace okhttp::internal
