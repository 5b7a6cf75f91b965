#pragma once

/// Names of the public types, for headers of programs that mention them without using them.
namespace okhttp {

template <class T>
class Result;
template <class T>
class Task;

class BodySink;
class BodySource;
class CacheControl;
class Call;
class Certificate;
class Chain;
class Challenge;
class Client;
class ConnectionInfo;
class ConnectionPool;
class Dispatcher;
class Dns;
class Error;
class EventListener;
class Executor;
class FormBody;
class Handshake;
class Headers;
class Interceptor;
class IpAddress;
class MediaType;
class MultipartBody;
class Request;
class RequestBody;
class Response;
class ResponseBody;
class TlsConfig;
class Url;

}  // namespace okhttp
