#pragma once

#include <okhttp/mockwebserver/http2_settings.hpp>

namespace okhttp::internal {

/// How a server behaves on its HTTP/2 connections.
struct MockHttp2Options {
  Http2Settings settings;
  bool holds_windows = false;
  bool ignores_pings = false;
};

}  // namespace okhttp::internal
