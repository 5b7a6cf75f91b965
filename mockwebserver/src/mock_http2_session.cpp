#include "mock_http2_session.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

namespace okhttp::internal {
namespace {

// A script may send heads that are larger than any client takes.
constexpr std::size_t kLargestHead = std::size_t{16} * 1024 * 1024;
// Clients under test reset as many streams as they like.
constexpr std::uint64_t kResets = 1'000'000'000;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// RFC 9113 §8.2.2: these speak of an HTTP/1.1 connection.
bool is_connection_specific(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"connection", "keep-alive", "proxy-connection",
                                                      "transfer-encoding", "upgrade"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [name](std::string_view specific) { return equals_ignore_case(name, specific); });
}

/// A field section as nghttp2 takes it.
class FieldSection {
 public:
  explicit FieldSection(const Headers& headers) {
    names_.reserve(headers.size());  // views into it must stay
    for (const Headers::Field field : headers) {
      if (is_connection_specific(field.name)) continue;
      std::string& name = names_.emplace_back(field.name);
      std::transform(name.begin(), name.end(), name.begin(), lower);
      add(name, field.value);
    }
  }
  FieldSection(int code, const Headers& headers) : FieldSection(headers) {
    code_ = std::to_string(code);
    add(":status", code_);
    std::rotate(fields_.begin(), fields_.end() - 1, fields_.end());
  }
  FieldSection(const FieldSection&) = delete;
  FieldSection& operator=(const FieldSection&) = delete;

  [[nodiscard]] const nghttp2_nv* data() const noexcept { return fields_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }

 private:
  void add(std::string_view name, std::string_view value) {
    fields_.push_back(nghttp2_nv{reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                                 reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(),
                                 value.size(), NGHTTP2_NV_FLAG_NONE});
  }

  std::string code_;
  std::vector<std::string> names_;
  std::vector<nghttp2_nv> fields_;
};

std::string_view as_view(const std::uint8_t* bytes, std::size_t size) noexcept {
  return std::string_view(reinterpret_cast<const char*>(bytes), size);
}

RecordedFrame recorded(const nghttp2_frame& frame) {
  RecordedFrame record;
  record.type = static_cast<RecordedFrame::Type>(frame.hd.type);
  record.flags = frame.hd.flags;
  record.stream_id = static_cast<std::uint32_t>(frame.hd.stream_id);
  record.length = frame.hd.length;
  switch (frame.hd.type) {
    case NGHTTP2_RST_STREAM:
      record.error_code = static_cast<Http2ErrorCode>(frame.rst_stream.error_code);
      break;
    case NGHTTP2_GOAWAY:
      record.error_code = static_cast<Http2ErrorCode>(frame.goaway.error_code);
      record.last_stream_id = static_cast<std::uint32_t>(frame.goaway.last_stream_id);
      break;
    case NGHTTP2_WINDOW_UPDATE:
      record.window_increment = static_cast<std::uint32_t>(frame.window_update.window_size_increment);
      break;
    case NGHTTP2_SETTINGS:
      for (std::size_t i = 0; i < frame.settings.niv; ++i) {
        record.settings.emplace_back(static_cast<std::uint16_t>(frame.settings.iv[i].settings_id),
                                     frame.settings.iv[i].value);
      }
      break;
    default:
      break;
  }
  return record;
}

void check(int result) {
  if (result == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
  if (nghttp2_is_fatal(result) != 0) throw std::runtime_error(nghttp2_strerror(result));
}

}  // namespace

struct MockHttp2Session::Callbacks {
  /// No exception may pass through nghttp2, which is C.
  template <class Work>
  static int guarded(Work work) noexcept {
    try {
      work();
      return 0;
    } catch (...) {
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
  }
  static MockHttp2Session& self(void* user_data) noexcept { return *static_cast<MockHttp2Session*>(user_data); }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    return guarded([&] {
      if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) self(user_data).events_.on_request(frame->hd.stream_id);
    });
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user_data) {
    return guarded([&] {
      self(user_data).events_.on_field(frame->hd.stream_id, as_view(name, name_size), as_view(value, value_size));
    });
  }

  static int on_frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    return guarded([&] {
      Http2Events& events = self(user_data).events_;
      const nghttp2_frame_hd& head = frame->hd;
      events.on_frame(recorded(*frame));
      if (head.type == NGHTTP2_PING && (head.flags & NGHTTP2_FLAG_ACK) == 0) {
        events.on_ping(frame->ping.opaque_data);
      }
      if (head.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        events.on_head_end(head.stream_id);
      }
      if ((head.type == NGHTTP2_HEADERS || head.type == NGHTTP2_DATA) && (head.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
        events.on_request_end(head.stream_id);
      }
    });
  }

  static int on_data_chunk_recv(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes,
                                std::size_t size, void* user_data) {
    return guarded([&] { self(user_data).events_.on_data(stream, as_view(bytes, size)); });
  }

  static int on_stream_close(nghttp2_session*, std::int32_t stream, std::uint32_t error_code, void* user_data) {
    return guarded([&] { self(user_data).events_.on_closed(stream, static_cast<Http2ErrorCode>(error_code)); });
  }

  static ssize_t read_body(nghttp2_session* session, std::int32_t stream, std::uint8_t* into, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source* source, void* /*user_data*/) {
    auto& body = *static_cast<Http2BodySource*>(source->ptr);
    const Http2BodySource::Taken taken = body.take_body(std::span(into, size));
    if (taken.bytes == 0 && !taken.ends) return NGHTTP2_ERR_DEFERRED;
    if (taken.ends) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (!body.trailers().empty()) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        const int result = guarded([&] {
          const FieldSection trailers(body.trailers());
          check(nghttp2_submit_trailer(session, stream, trailers.data(), trailers.size()));
        });
        if (result != 0) return result;
      }
    }
    return static_cast<ssize_t>(taken.bytes);
  }
};

MockHttp2Session::MockHttp2Session(Http2Events& events) : events_(events) {
  nghttp2_session_callbacks* callbacks = nullptr;
  check(nghttp2_session_callbacks_new(&callbacks));
  const std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)> callbacks_owner(
      callbacks, nghttp2_session_callbacks_del);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Callbacks::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::on_frame_recv);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::on_data_chunk_recv);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::on_stream_close);

  nghttp2_option* options = nullptr;
  check(nghttp2_option_new(&options));
  const std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)> options_owner(options, nghttp2_option_del);
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_option_set_no_auto_ping_ack(options, 1);
  nghttp2_option_set_no_closed_streams(options, 1);
  nghttp2_option_set_max_send_header_block_length(options, kLargestHead);
  nghttp2_option_set_stream_reset_rate_limit(options, kResets, kResets);

  nghttp2_session* session = nullptr;
  check(nghttp2_session_server_new2(&session, callbacks, this, options));
  session_.reset(session);
}

bool MockHttp2Session::feed(std::string_view bytes) {
  const ssize_t result =
      nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (result == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
  return result >= 0;
}

void MockHttp2Session::return_window(std::int32_t stream, std::size_t bytes) {
  check(nghttp2_session_consume(session_.get(), stream, bytes));
}

void MockHttp2Session::return_connection_window(std::size_t bytes) {
  check(nghttp2_session_consume_connection(session_.get(), bytes));
}

void MockHttp2Session::send_settings(const Http2Settings& settings) {
  std::vector<nghttp2_settings_entry> entries;
  const auto add = [&entries](std::int32_t id, const std::optional<std::uint32_t>& value) {
    if (value.has_value()) entries.push_back(nghttp2_settings_entry{id, *value});
  };
  add(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, settings.header_table_size);
  add(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings.max_concurrent_streams);
  add(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, settings.initial_window_size);
  add(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, settings.max_frame_size);
  add(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, settings.max_header_list_size);
  check(nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, entries.data(), entries.size()));
  if (!settings.connection_window_size.has_value()) return;
  const auto window = static_cast<std::int32_t>(*settings.connection_window_size);
  if (window > nghttp2_session_get_effective_local_window_size(session_.get())) {
    check(nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0, window));
  }
}

void MockHttp2Session::send_ping_ack(const std::uint8_t* opaque_data) {
  check(nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_ACK, opaque_data));
}

void MockHttp2Session::send_informational(std::int32_t stream, int code, const Headers& headers) {
  const FieldSection fields(code, headers);
  const std::int32_t result =
      nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, stream, nullptr, fields.data(), fields.size(), nullptr);
  check(std::min(result, 0));
}

void MockHttp2Session::send_response(std::int32_t stream, int code, const Headers& headers, Http2BodySource* body) {
  const FieldSection fields(code, headers);
  nghttp2_data_provider provider{};
  provider.source.ptr = body;
  provider.read_callback = Callbacks::read_body;
  check(nghttp2_submit_response(session_.get(), stream, fields.data(), fields.size(),
                                body != nullptr ? &provider : nullptr));
}

void MockHttp2Session::resume(std::int32_t stream) { check(nghttp2_session_resume_data(session_.get(), stream)); }

void MockHttp2Session::reset(std::int32_t stream, Http2ErrorCode code) {
  check(nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream, static_cast<std::uint32_t>(code)));
}

void MockHttp2Session::go_away(std::int32_t last_stream, Http2ErrorCode code) {
  check(nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last_stream, static_cast<std::uint32_t>(code), nullptr,
                              0));
}

void MockHttp2Session::announce_shutdown() { check(nghttp2_submit_shutdown_notice(session_.get())); }

void MockHttp2Session::take_output(std::string& out, std::size_t enough) {
  while (out.size() <= enough) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (size < 0) check(static_cast<int>(size));
    if (size <= 0) return;
    out += as_view(bytes, static_cast<std::size_t>(size));
  }
}

bool MockHttp2Session::is_over() const noexcept {
  return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

}  // namespace okhttp::internal
