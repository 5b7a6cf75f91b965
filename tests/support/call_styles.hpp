#pragma once

#include <okhttp/client.hpp>
#include <okhttp/sync_wait.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace okhttp {

/// The ways to run a call, for tests whose body is the same in each.
enum class CallStyle { blocking, on_the_loop };

inline Task<Response> awaited(Call call) {
  Response response = co_await call;
  co_return response;
}

inline Response run(CallStyle style, const Call& call) {
  if (style == CallStyle::blocking) return call.execute();
  return sync_wait(awaited(call));
}

/// The code of the Error that `call` fails with; Errc() when it does not fail.
inline Errc failure_of(CallStyle style, const Call& call) {
  try {
    (void)run(style, call);
  } catch (const Error& error) {
    return error.errc();
  }
  return Errc();
}

inline auto both_call_styles() { return ::testing::Values(CallStyle::blocking, CallStyle::on_the_loop); }

inline std::string name_of(CallStyle style) { return style == CallStyle::blocking ? "Blocking" : "OnTheLoop"; }

inline std::string call_style_name(const ::testing::TestParamInfo<CallStyle>& info) { return name_of(info.param); }

}  // namespace okhttp
