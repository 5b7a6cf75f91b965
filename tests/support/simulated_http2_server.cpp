#include "support/simulated_http2_server.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstring>

namespace okhttp::internal {
namespace {

nghttp2_nv field(const std::string& name, const std::string& value) {
  nghttp2_nv made{};
  made.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data()));
  made.namelen = name.size();
  made.value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data()));
  made.valuelen = value.size();
  return made;
}

std::vector<nghttp2_nv> section(const SimulatedHttp2Server::Fields& fields) {
  std::vector<nghttp2_nv> made;
  for (const auto& [name, value] : fields) made.push_back(field(name, value));
  return made;
}

SimulatedHttp2Server::Fields with_status(int code, const SimulatedHttp2Server::Fields& fields) {
  SimulatedHttp2Server::Fields all{{":status", std::to_string(code)}};
  all.insert(all.end(), fields.begin(), fields.end());
  return all;
}

}  // namespace

struct ServerCallbacks {
  using Connection = SimulatedHttp2Server::Connection;
  using Stream = SimulatedHttp2Server::Stream;

  static Connection& of(void* data) { return *static_cast<Connection*>(data); }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* data) {
    of(data).streams_[frame->hd.stream_id].id = frame->hd.stream_id;
    return 0;
  }
  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* data) {
    Stream& stream = of(data).streams_[frame->hd.stream_id];
    stream.fields[std::string(name, name + name_size)] = std::string(value, value + value_size);
    return 0;
  }
  static int data_chunk(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t size,
                        void* data) {
    of(data).streams_[id].body.append(bytes, bytes + size);
    return 0;
  }
  static int frame(nghttp2_session*, const nghttp2_frame* frame, void* data) {
    Connection& connection = of(data);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
      case NGHTTP2_DATA: {
        Stream& stream = connection.streams_[frame->hd.stream_id];
        const bool was_head = frame->hd.type == NGHTTP2_HEADERS;
        stream.is_whole = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        if (was_head || stream.is_whole) connection.server_.handler_(connection, stream);
        break;
      }
      case NGHTTP2_RST_STREAM:
        connection.resets_[frame->hd.stream_id] = frame->rst_stream.error_code;
        break;
      case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) break;
        ++connection.pings_;
        if (connection.server_.answers_pings) {
          nghttp2_submit_ping(connection.session_, NGHTTP2_FLAG_ACK, frame->ping.opaque_data);
        }
        break;
      case NGHTTP2_GOAWAY:
        connection.client_goaway_ = frame->goaway.error_code;
        break;
      default:
        break;
    }
    return 0;
  }
  static int invalid_frame(nghttp2_session*, const nghttp2_frame*, int code, void* data) {
    ++(code == NGHTTP2_ERR_REFUSED_STREAM ? of(data).refusals_ : of(data).violations_);
    return 0;
  }
  static ssize_t read_body(nghttp2_session* session, std::int32_t id, std::uint8_t* into, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source*, void* data) {
    Stream& stream = of(data).streams_[id];
    const std::size_t count = std::min(room, stream.unsent.size());
    if (count == 0 && !stream.ends) return NGHTTP2_ERR_DEFERRED;
    std::memcpy(into, stream.unsent.data(), count);
    stream.unsent.erase(0, count);
    if (stream.unsent.empty() && stream.ends) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (!stream.trailers.empty()) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        const auto fields = section(stream.trailers);
        nghttp2_submit_trailer(session, id, fields.data(), fields.size());
      }
    }
    return static_cast<ssize_t>(count);
  }
};

SimulatedHttp2Server::Connection::Connection(SimulatedHttp2Server& server, std::unique_ptr<Socket> socket)
    : server_(server), socket_(std::move(socket)) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, ServerCallbacks::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, ServerCallbacks::header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, ServerCallbacks::data_chunk);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, ServerCallbacks::frame);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, ServerCallbacks::invalid_frame);
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_auto_ping_ack(option, 1);
  nghttp2_option_set_no_auto_window_update(option, server.returns_windows ? 0 : 1);
  nghttp2_session_server_new2(&session_, callbacks, this, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, server.max_streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, server.stream_window},
  };
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, server.connection_window);
}

SimulatedHttp2Server::Connection::~Connection() { nghttp2_session_del(session_); }

void SimulatedHttp2Server::Connection::inform(Stream& stream, int code, const Fields& fields) {
  const Fields all = with_status(code, fields);
  const auto made = section(all);
  nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream.id, nullptr, made.data(), made.size(), nullptr);
  write_soon();
}

void SimulatedHttp2Server::Connection::respond(Stream& stream, int code, const Fields& fields, std::string body,
                                               const Fields& trailers) {
  stream.unsent = std::move(body);
  stream.trailers = trailers;
  stream.ends = true;
  begin_response(stream, code, fields);
}

void SimulatedHttp2Server::Connection::begin_response(Stream& stream, int code, const Fields& fields) {
  const Fields all = with_status(code, fields);
  const auto made = section(all);
  nghttp2_data_provider provider{};
  provider.read_callback = ServerCallbacks::read_body;
  const bool is_empty = stream.ends && stream.unsent.empty() && stream.trailers.empty();
  nghttp2_submit_response(session_, stream.id, made.data(), made.size(), is_empty ? nullptr : &provider);
  write_soon();
}

void SimulatedHttp2Server::Connection::send(Stream& stream, const std::string& more, bool ends) {
  stream.unsent += more;
  stream.ends = ends;
  nghttp2_session_resume_data(session_, stream.id);
  write_soon();
}

void SimulatedHttp2Server::Connection::reset(const Stream& stream, std::uint32_t code) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, code);
  write_soon();
}

void SimulatedHttp2Server::Connection::go_away(std::int32_t last_stream_id, std::uint32_t code) {
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last_stream_id, code, nullptr, 0);
  write_soon();
}

void SimulatedHttp2Server::Connection::set_max_streams(std::uint32_t most) {
  const nghttp2_settings_entry setting{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, most};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &setting, 1);
  write_soon();
}

void SimulatedHttp2Server::Connection::send_raw(const std::string& bytes) {
  raw_ += bytes;
  write_soon();
}

void SimulatedHttp2Server::Connection::close() {
  if (socket_ != nullptr) socket_->shut_down_write();
}

Task<void> SimulatedHttp2Server::Connection::read() {
  while (socket_ != nullptr) {
    std::byte buffer[4096];
    ReadSome some(server_.engine_, WaitTerms(), *socket_, buffer);
    const IoResult result = co_await some;
    if (!result.ok()) break;
    receives_ = true;  // nghttp2 sends nothing from within its callbacks
    const auto taken = nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(buffer), result.bytes);
    receives_ = false;
    write_soon();
    if (taken < 0) break;
  }
  is_open_ = false;
  if (writing_ == nullptr || writing_->done()) socket_ = nullptr;
}

void SimulatedHttp2Server::Connection::write_soon() {
  if (socket_ == nullptr || receives_ || (writing_ != nullptr && !writing_->done())) return;
  writing_ = server_.engine_.start(write());
}

Task<void> SimulatedHttp2Server::Connection::write() {
  for (;;) {
    std::string out = std::exchange(raw_, {});
    const std::uint8_t* bytes = nullptr;
    ssize_t size = 0;
    while (out.size() < 20'000 && (size = nghttp2_session_mem_send(session_, &bytes)) > 0) {
      out.append(bytes, bytes + size);
    }
    if (out.empty()) break;
    WriteAll all(server_.engine_, WaitTerms(), *socket_, as_bytes(out));
    const IoResult result = co_await all;
    if (!result.ok()) break;
  }
  if (!is_open_) socket_ = nullptr;
}

SimulatedHttp2Server::SimulatedHttp2Server(SimulatedEngine& engine, const Endpoint& where) : engine_(engine) {
  handler_ = [](Connection& connection, Stream& stream) {
    if (!stream.is_whole) return;
    connection.respond(stream, 200, {}, stream.fields[":method"] + " " + stream.fields[":path"] + " " + stream.body);
  };
  std::error_code error;
  listener_ = engine.listen(ListenRequest(where), error);
  accepting_ = engine.start(accept());
}

SimulatedHttp2Server::~SimulatedHttp2Server() = default;

Task<void> SimulatedHttp2Server::accept() {
  for (;;) {
    Readiness arrived(engine_, WaitTerms(), listener_->socket(), Interest::read);
    if (co_await arrived == WaitResult::canceled) co_return;
    std::error_code error;
    while (std::unique_ptr<Socket> socket = listener_->try_accept(error)) {
      engine_.adopt(*socket);
      connections_.push_back(std::make_unique<Connection>(*this, std::move(socket)));
      Connection& made = *connections_.back();
      made.write_soon();
      made.reading_ = engine_.start(made.read());
    }
  }
}

}  // namespace okhttp::internal
