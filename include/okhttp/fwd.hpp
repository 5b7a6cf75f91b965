#pragma once

/// Names of the public types, for headers of programs that mention them without using them.
namespace okhttp {

template <class T>
class Result;
template <class T>
class Task;

class AddressPolicy;
class Authenticator;
class BodySink;
class BodySource;
class Cache;
class CacheControl;
class CacheStore;
class Call;
class Certificate;
class CertificatePinner;
class Chain;
class Challenge;
class Client;
class ConnectionInfo;
class ConnectionPool;
class ConnectionSpec;
class ContentCoding;
class Cookie;
class CookieJar;
class Dispatcher;
class Dns;
class Error;
class EventListener;
class Executor;
class FileCookieJar;
class FormBody;
class Handshake;
class HandshakeCertificates;
class Headers;
class HostnameVerifier;
class Interceptor;
class IpAddress;
class MediaType;
class MemoryCookieJar;
class MultipartBody;
class MultipartReader;
class PipeBody;
class Proxy;
class ProxySelector;
class Request;
class RequestBody;
class Response;
class ResponseBody;
class Url;

}  // namespace okhttp
