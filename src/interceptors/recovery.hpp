#pragma once

#include <okhttp/error.hpp>
#include <okhttp/request.hpp>

#include <cstdint>

#include "interceptors/follow_up.hpp"

namespace okhttp::internal {

/// What is known of a failed attempt to send a request and to read its response.
struct AttemptFacts {
  bool has_another_way = false;        ///< another connection or route can be tried
  bool may_have_reached_peer = false;  ///< the peer may have processed some of the request
  bool body_begun = false;             ///< the request's body was asked to write itself
  bool body_failed = false;            ///< what failed was the caller's body
};

enum class Recovery : std::uint8_t {
  retry,
  retries_are_off,
  would_fail_again,  ///< a time-out, a broken rule, a bad certificate: another try changes nothing
  body_is_spent,     ///< the body cannot be sent again
  no_other_way,      ///< every route was tried
  may_be_processed,  ///< the peer may have acted on the request already, and must not do so twice
};

/// What to do after `error`.
[[nodiscard]] Recovery recover(const Error& error, const Request& request, const FollowUpPolicy& policy,
                               const AttemptFacts& facts);

/// The error for Recovery::may_be_processed: says why the request is not sent again and how to allow it.
[[nodiscard]] Error not_sent_again(const Error& error, const Request& request);

}  // namespace okhttp::internal
