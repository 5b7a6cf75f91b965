#pragma once

/// Names of the public types, for headers that mention them without using them.
namespace okhttp {

template <class T>
class Task;

class BodySink;
class BodySource;
class CacheControl;
class Call;
class Chain;
class Client;
class ConnectionInfo;
class ConnectionPool;
class Dispatcher;
class Dns;
class Error;
class EventListener;
class Executor;
class Handshake;
class Headers;
class Interceptor;
class MediaType;
class Request;
class RequestBody;
class Response;
class ResponseBody;
class TlsConfig;
class Url;

namespace internal {
class CallState;
struct CallContext;
class Loop;
}  // namespace internal

}  // namespace okhttp
