#include "wire/proxy_error.hpp"

#include <algorithm>
#include <exception>

namespace okhttp::internal {

Error proxy_error(const CallContext& context, const IoResult& result, Errc on_deadline, std::string_view doing,
                  const Stream& stream) {
  Error error = error_of(context, result, on_deadline, doing, stream);
  if (error.errc() != Errc::connection_closed) return error;
  return Error(Errc::proxy_failed, error.blame(), error.what(), std::make_exception_ptr(error));
}

WaitTerms terms_within(const CallContext& context, Timeouts::Duration timeout, TimePoint until) noexcept {
  WaitTerms terms = context.terms(timeout);
  terms.deadline = std::min(terms.deadline, until);
  return terms;
}

}  // namespace okhttp::internal
