#pragma once

#include <okhttp/handshake.hpp>
#include <okhttp/headers.hpp>
#include <okhttp/protocol.hpp>
#include <okhttp/url.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace okhttp {

/// One request as a MockWebServer received it. An immutable value; copying shares it.
class RecordedRequest {
 public:
  /// What is recorded; filled by the server, and by tests of dispatchers.
  struct Data {
    Data() = default;
    std::string method;
    std::string target;
    std::optional<Url> url;
    Headers headers;
    std::string body;
    std::uint64_t body_size = 0;
    std::vector<std::uint64_t> chunk_sizes;
    Headers trailers;
    std::size_t connection_index = 0;
    std::size_t exchange_index = 0;
    std::uint32_t stream_id = 0;
    Protocol protocol = Protocol::http_1_1;
    std::optional<Handshake> handshake;
    std::string server_name;
    bool session_resumed = false;
    std::string failure;
  };
  explicit RecordedRequest(Data data) : data_(std::make_shared<const Data>(std::move(data))) {}

  /// Empty when the connection ended, by a scripted effect or a failure, before a request line was read.
  [[nodiscard]] const std::string& method() const noexcept { return data_->method; }
  /// The request target as it was sent: "/path?query", "http://host/" to a proxy, "host:443" with CONNECT, or "*".
  [[nodiscard]] const std::string& target() const noexcept { return data_->target; }
  /// "POST /path HTTP/1.1"
  [[nodiscard]] std::string request_line() const;
  /// The URL asked for, from target and Host; nothing when they make none.
  [[nodiscard]] const std::optional<Url>& url() const noexcept { return data_->url; }
  [[nodiscard]] const Headers& headers() const noexcept { return data_->headers; }
  /// The last value of that header, or nothing.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept {
    return data_->headers.get(name);
  }

  /// The body without its transfer coding, up to the server's body limit.
  [[nodiscard]] const std::string& body() const noexcept { return data_->body; }
  /// The size of the whole body, what the limit cut off included.
  [[nodiscard]] std::uint64_t body_size() const noexcept { return data_->body_size; }
  /// The sizes of the chunks of a chunked body, the closing empty one left out.
  [[nodiscard]] const std::vector<std::uint64_t>& chunk_sizes() const noexcept { return data_->chunk_sizes; }
  [[nodiscard]] const Headers& trailers() const noexcept { return data_->trailers; }

  /// Which connection carried it; the server's first is 0.
  [[nodiscard]] std::size_t connection_index() const noexcept { return data_->connection_index; }
  /// How many requests that connection had carried before.
  [[nodiscard]] std::size_t exchange_index() const noexcept { return data_->exchange_index; }
  /// The HTTP/2 stream that carried it; 0 on HTTP/1.1.
  [[nodiscard]] std::uint32_t stream_id() const noexcept { return data_->stream_id; }
  [[nodiscard]] Protocol protocol() const noexcept { return data_->protocol; }
  /// The TLS handshake, or nothing in clear text. Its peer_certificates() are the client's.
  [[nodiscard]] const std::optional<Handshake>& handshake() const noexcept { return data_->handshake; }
  /// The name that the client asked for in its handshake (SNI); empty when it named none.
  [[nodiscard]] const std::string& server_name() const noexcept { return data_->server_name; }
  /// True when the handshake resumed an earlier session.
  [[nodiscard]] bool session_resumed() const noexcept { return data_->session_resumed; }
  /// Why the request could not be read to its end; empty when it could.
  [[nodiscard]] const std::string& failure() const noexcept { return data_->failure; }

 private:
  std::shared_ptr<const Data> data_;
};

}  // namespace okhttp
