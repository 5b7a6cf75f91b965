#pragma once

/// All of the library but the optional `<okhttp/asio.hpp>`.

#include <okhttp/cache_control.hpp>
#include <okhttp/call.hpp>
#include <okhttp/challenge.hpp>
#include <okhttp/client.hpp>
#include <okhttp/connection_info.hpp>
#include <okhttp/credentials.hpp>
#include <okhttp/error.hpp>
#include <okhttp/event_listener.hpp>
#include <okhttp/form_body.hpp>
#include <okhttp/gzip.hpp>
#include <okhttp/handshake.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/http_date.hpp>
#include <okhttp/interceptor.hpp>
#include <okhttp/media_type.hpp>
#include <okhttp/multipart_body.hpp>
#include <okhttp/protocol.hpp>
#include <okhttp/request.hpp>
#include <okhttp/request_body.hpp>
#include <okhttp/response.hpp>
#include <okhttp/response_body.hpp>
#include <okhttp/result.hpp>
#include <okhttp/sync_wait.hpp>
#include <okhttp/task.hpp>
#include <okhttp/timeouts.hpp>
#include <okhttp/tls.hpp>
#include <okhttp/url.hpp>
#include <okhttp/version.hpp>
