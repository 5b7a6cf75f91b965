#include "codec/http2/http2_session.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "codec/http1/body_framing.hpp"
#include "codec/http2/session_memory.hpp"
#include "http/ascii.hpp"

namespace okhttp::internal {
namespace {

constexpr std::size_t kAssumedStreams = 100;

Http2ErrorCode code_of(std::uint32_t code) noexcept { return static_cast<Http2ErrorCode>(code); }

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) noexcept {
  return std::string_view(reinterpret_cast<const char*>(bytes), size);
}

void check(int result) {
  if (result == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
}

/// RFC 9113 §8.2.2: fields of one HTTP/1.1 connection do not travel; neither does Host, which :authority replaces.
bool is_left_out(std::string_view name, std::string_view value) noexcept {
  const auto is = [name](std::string_view other) { return equals_ignore_case_inline(name, other); };
  switch (name.size()) {
    case 2:
      return is("te") && !equals_ignore_case_inline(value, "trailers");
    case 4:
      return is("host");
    case 7:
      return is("upgrade");
    case 10:
      return is("connection") || is("keep-alive");
    case 16:
      return is("proxy-connection");
    case 17:
      return is("transfer-encoding");
    default:
      return false;
  }
}

/// True when Connection names other fields, as it hardly ever does.
bool names_other_fields(const Headers& headers) noexcept {
  for (const Headers::Field field : headers) {
    if (!equals_ignore_case_inline(field.name, "connection")) continue;
    if (!equals_ignore_case_inline(field.value, "keep-alive") && !equals_ignore_case_inline(field.value, "close")) {
      return true;
    }
  }
  return false;
}

}  // namespace

/// A request's field section as nghttp2 takes it. Names are in lower case (RFC 9113 §8.2). One object serves all
/// requests of a session, for the sake of its memory.
class Http2Session::FieldSection {
 public:
  void fill(const Request& request) {
    const Headers& headers = request.headers();
    const Url& url = request.url();
    fields_.clear();
    names_.clear();
    fields_.reserve(headers.size() + 4);
    names_.reserve(headers.byte_count());  // never grows beyond, so that views into it stay valid
    target_ = url.request_target();
    const std::optional<std::string_view> host = headers.get("Host");
    authority_ = host.has_value() ? std::string(*host) : url.host_header();
    add(":method", request.method());
    // RFC 9113 §8.3.1: WebSocket schemes name the same resource over HTTP.
    add(":scheme", url.scheme() == "https" || url.scheme() == "wss" ? "https" : "http");
    add(":authority", authority_);
    add(":path", target_);
    const bool others = names_other_fields(headers);
    for (const Headers::Field field : headers) {
      if (is_left_out(field.name, field.value) || (others && has_connection_option(headers, field.name))) continue;
      add(lowered(field.name), field.value);
    }
  }

  [[nodiscard]] const nghttp2_nv* data() const noexcept { return fields_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }

 private:
  void add(std::string_view name, std::string_view value) {
    nghttp2_nv field{};
    field.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data()));
    field.namelen = name.size();
    field.value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data()));
    field.valuelen = value.size();
    fields_.push_back(field);
  }
  std::string_view lowered(std::string_view name) {
    const std::size_t begin = names_.size();
    names_.append(name);
    for (std::size_t i = begin; i < names_.size(); ++i) names_[i] = to_lower(names_[i]);
    return std::string_view(names_).substr(begin);
  }

  std::vector<nghttp2_nv> fields_;
  std::string names_;
  std::string target_;
  std::string authority_;
};

/// What nghttp2 calls while one of the session's operations runs. No exception may pass through it.
struct SessionCallbacks {
  static Http2Session& self_of(void* data) noexcept { return *static_cast<Http2Session*>(data); }

  template <class F>
  static int guarded(F&& work) noexcept {
    try {
      return work();
    } catch (const std::exception&) {
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
  }

  static ssize_t send(nghttp2_session*, const std::uint8_t* data, std::size_t size, int, void* self) noexcept {
    Http2Session& session = self_of(self);
    if (session.out_->size() >= session.out_limit_) return NGHTTP2_ERR_WOULDBLOCK;
    const int result = guarded([&] {
      session.out_->append(reinterpret_cast<const char*>(data), size);
      return 0;
    });
    return result == 0 ? static_cast<ssize_t>(size) : result;
  }

  static int send_data(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* head, std::size_t size,
                       nghttp2_data_source*, void* self) noexcept {
    Http2Session& session = self_of(self);
    if (session.out_->size() >= session.out_limit_) return NGHTTP2_ERR_WOULDBLOCK;
    Http2Mailbox* const mailbox = session.mailbox_of(frame->hd.stream_id);
    if (mailbox == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (mailbox->unsent() < size) {
      // The frame had to wait for room in the output, and the writer took its bytes back meanwhile.
      session.reset(*mailbox);
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    return guarded([&] {
      std::string& out = *session.out_;
      out.append(reinterpret_cast<const char*>(head), 9);
      const std::size_t of_gathered = std::min(size, mailbox->gathered.size() - mailbox->gathered_sent);
      out.append(mailbox->gathered, mailbox->gathered_sent, of_gathered);
      mailbox->gathered_sent += of_gathered;
      if (mailbox->gathered_sent == mailbox->gathered.size()) {
        mailbox->gathered.clear();
        mailbox->gathered_sent = 0;
      }
      out.append(as_text(mailbox->outgoing.first(size - of_gathered)));
      mailbox->outgoing = mailbox->outgoing.subspan(size - of_gathered);
      mailbox->is_end_sent = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
      session.allowance_.progress();
      session.changed(*mailbox);
      return 0;
    });
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t stream_id, std::uint8_t*, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source*, void* self) noexcept {
    Http2Mailbox* const mailbox = self_of(self).mailbox_of(stream_id);
    if (mailbox == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::size_t unsent = mailbox->unsent();
    const std::size_t count = std::min(room, unsent);
    if (count == 0 && !mailbox->is_finished) {
      mailbox->is_deferred = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (mailbox->is_finished && count == unsent) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  static int before_frame_send(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept {
    Http2Session& session = self_of(self);
    return guarded([&] {
      if (frame->hd.type == NGHTTP2_HEADERS) {
        Http2Mailbox* const mailbox = session.mailbox_of(frame->hd.stream_id);
        if (mailbox != nullptr) mailbox->begin_at = session.out_base_ + session.out_->size();
      }
      if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR) {
        // nghttp2 gives the connection up: that is how it answers most broken rules.
        const bool is_flood = frame->goaway.error_code == NGHTTP2_ENHANCE_YOUR_CALM;
        session.fail(session.peer_error(is_flood ? Errc::limit_exceeded : Errc::protocol_error,
                                        session.why_given_up(code_of(frame->goaway.error_code))));
      }
      return 0;
    });
  }

  static int frame_not_sent(nghttp2_session*, const nghttp2_frame* frame, int, void* self) noexcept {
    return guarded([&] {
      if (frame->hd.type == NGHTTP2_HEADERS) self_of(self).on_request_not_sent(frame->hd.stream_id);
      return 0;
    });
  }

  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd*, void* self) noexcept {
    Http2Session& session = self_of(self);
    return session.allowance_.spend(session.now_) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept {
    Http2Mailbox* const mailbox = self_of(self).mailbox_of(frame->hd.stream_id);
    if (mailbox == nullptr) return 0;
    return guarded([&] {
      mailbox->fields = Headers::Builder();
      mailbox->fields.reserve(16, 440);  // as much as costs one allocation
      mailbox->status = 0;
      return 0;
    });
  }

  static int field(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                   const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self) noexcept {
    return guarded([&] {
      return self_of(self).on_field(frame->hd.stream_id, text_of(name, name_size), text_of(value, value_size));
    });
  }

  static int data(nghttp2_session*, std::uint8_t, std::int32_t stream_id, const std::uint8_t* bytes, std::size_t size,
                  void* self) noexcept {
    return guarded([&] {
      self_of(self).on_data(stream_id, as_bytes(text_of(bytes, size)));
      return 0;
    });
  }

  static int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept {
    Http2Session& session = self_of(self);
    return guarded([&] {
      const bool ends_stream = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
      Http2Mailbox* const mailbox = session.mailbox_of(frame->hd.stream_id);
      switch (frame->hd.type) {
        case NGHTTP2_HEADERS:
          if (mailbox != nullptr) session.on_head(*mailbox, ends_stream);
          break;
        case NGHTTP2_DATA:
          if (mailbox != nullptr && ends_stream) session.on_end_of_stream(*mailbox);
          break;
        case NGHTTP2_RST_STREAM:
          session.peer_reset_id_ = frame->hd.stream_id;
          break;
        case NGHTTP2_SETTINGS:
          if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) session.settings_came_ = session.limits_changed_ = true;
          break;
        case NGHTTP2_PING:
          if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) ++session.pongs_;
          break;
        case NGHTTP2_GOAWAY:
          session.on_goaway(frame->goaway.last_stream_id, code_of(frame->goaway.error_code));
          break;
        default:
          break;
      }
      return 0;
    });
  }

  static int invalid_frame(nghttp2_session*, const nghttp2_frame* frame, int error, void* self) noexcept {
    Http2Session& session = self_of(self);
    return guarded([&] {
      session.complaint_ = nghttp2_strerror(error);
      Http2Mailbox* const mailbox = session.mailbox_of(frame->hd.stream_id);
      if (mailbox != nullptr && !mailbox->failure) {
        mailbox->failure = session.peer_error(Errc::protocol_error, session.complaint_);
        session.changed(*mailbox);
      }
      return 0;
    });
  }

  static int stream_closed(nghttp2_session*, std::int32_t stream_id, std::uint32_t code, void* self) noexcept {
    return guarded([&] {
      self_of(self).on_stream_close(stream_id, code_of(code));
      return 0;
    });
  }

  static nghttp2_session_callbacks* table() {
    static nghttp2_session_callbacks* const kTable = [] {
      nghttp2_session_callbacks* made = nullptr;
      if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
      nghttp2_session_callbacks_set_send_callback(made, send);
      nghttp2_session_callbacks_set_send_data_callback(made, send_data);
      nghttp2_session_callbacks_set_before_frame_send_callback(made, before_frame_send);
      nghttp2_session_callbacks_set_on_frame_not_send_callback(made, frame_not_sent);
      nghttp2_session_callbacks_set_on_begin_frame_callback(made, begin_frame);
      nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
      nghttp2_session_callbacks_set_on_header_callback(made, field);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame_received);
      nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, invalid_frame);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, stream_closed);
      return made;
    }();
    return kTable;
  }
};

Http2Session::Http2Session(std::string peer, const Http2Options& options)
    : peer_(std::move(peer)), options_(options), section_(std::make_unique<FieldSection>()) {
  nghttp2_option* option = nullptr;
  if (nghttp2_option_new(&option) != 0) throw std::bad_alloc();
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_peer_max_concurrent_streams(option, kAssumedStreams);
  nghttp2_option_set_max_send_header_block_length(option, options.max_header_list);
  const int made = nghttp2_session_client_new3(&session_, SessionCallbacks::table(), this, option, &session_memory());
  nghttp2_option_del(option);
  if (made != 0) throw std::bad_alloc();
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options.stream_window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, options.max_header_list},
  };
  check(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings)));
  check(nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                              static_cast<std::int32_t>(options.connection_window)));
}

Http2Session::~Http2Session() { nghttp2_session_del(session_); }

Http2Mailbox* Http2Session::mailbox_of(std::int32_t stream_id) const noexcept {
  return static_cast<Http2Mailbox*>(nghttp2_session_get_stream_user_data(session_, stream_id));
}

void Http2Session::changed(Http2Mailbox& mailbox) noexcept {
  if (!mailbox.changed_hook.linked) changed_.push_back(mailbox);
}

Error Http2Session::peer_error(Errc code, std::string_view what) const {
  return Error(code, Blame::peer, "HTTP/2 with " + peer_ + ": " + std::string(what));
}

std::string_view Http2Session::why_given_up(Http2ErrorCode code) const noexcept {
  if (!settings_came_) return "the server does not begin with SETTINGS, so it may not speak HTTP/2";
  return complaint_.empty() ? to_string(code) : complaint_;
}

bool Http2Session::submit(Http2Mailbox& mailbox, const Request& request) {
  if (!takes_streams()) return false;
  FieldSection& section = *section_;
  section.fill(request);
  nghttp2_data_provider body{};
  body.read_callback = SessionCallbacks::read_body;
  mailbox.is_finished = request.body() == nullptr;
  const std::int32_t stream_id = nghttp2_submit_request(session_, nullptr, section.data(), section.size(),
                                                        mailbox.is_finished ? nullptr : &body, &mailbox);
  if (stream_id < 0) {
    check(stream_id);
    return false;
  }
  mailbox.stream_id = stream_id;
  live_.push_back(mailbox);
  // RFC 9113 §5.1.1: identifiers run out.
  if (nghttp2_session_check_request_allowed(session_) == 0) limits_changed_ = true;
  return true;
}

void Http2Session::resume(Http2Mailbox& mailbox) {
  if (std::exchange(mailbox.is_deferred, false)) check(nghttp2_session_resume_data(session_, mailbox.stream_id));
}

void Http2Session::credit_connection(std::size_t bytes) noexcept {
  if (bytes > 0) nghttp2_session_consume_connection(session_, bytes);
}

void Http2Session::consumed(Http2Mailbox& mailbox, std::size_t bytes) {
  unread_ -= bytes;
  const std::size_t freed = std::min(withheld_, bytes);
  withheld_ -= freed;
  if (failure_) return;
  credit_connection(freed);
  if (!mailbox.is_closed && !mailbox.is_complete) {
    check(nghttp2_session_consume_stream(session_, mailbox.stream_id, bytes));
  }
}

void Http2Session::release(Http2Mailbox& mailbox) noexcept {
  const std::size_t unread = mailbox.body.size() + mailbox.direct_filled;
  unread_ -= unread;
  const std::size_t freed = std::min(withheld_, unread);
  withheld_ -= freed;
  mailbox.body.clear();
  mailbox.direct_filled = 0;
  if (mailbox.changed_hook.linked) changed_.erase(mailbox);
  reset(mailbox);
  if (!failure_) credit_connection(freed);
}

void Http2Session::reset(Http2Mailbox& mailbox) noexcept {
  if (!mailbox.live_hook.linked) return;
  live_.erase(mailbox);
  nghttp2_session_set_stream_user_data(session_, mailbox.stream_id, nullptr);
  // Without memory for the frame the peer is not told, and its window for the stream runs out.
  (void)nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, mailbox.stream_id, NGHTTP2_CANCEL);
}

void Http2Session::give_up(Http2Mailbox& mailbox, const Error& why) {
  reset(mailbox);
  mailbox.is_closed = true;
  if (!mailbox.is_complete) mailbox.failure = why;
  changed(mailbox);
}

void Http2Session::receive(ConstBytes bytes, TimePoint now) {
  if (failure_) return;
  now_ = now;
  const ssize_t taken =
      nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken >= 0 || failure_) return;
  if (taken == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
  const bool is_flood = taken == NGHTTP2_ERR_CALLBACK_FAILURE || taken == NGHTTP2_ERR_FLOODED ||
                        taken == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS;  // CVE-2024-30255
  if (is_flood) {
    nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
    fail(peer_error(Errc::limit_exceeded, "the server sends too many frames that further no exchange"));
    return;
  }
  fail(peer_error(Errc::protocol_error, nghttp2_strerror(static_cast<int>(taken))));
}

int Http2Session::on_field(std::int32_t stream_id, std::string_view name, std::string_view value) {
  Http2Mailbox* const mailbox = mailbox_of(stream_id);
  if (mailbox == nullptr) return 0;
  mailbox->head_bytes += name.size() + value.size() + 32;  // RFC 9113 §6.5.2
  if (mailbox->head_bytes > options_.max_header_list) {
    mailbox->failure = peer_error(Errc::limit_exceeded, "the heads of one response are larger than " +
                                                            std::to_string(options_.max_header_list) + " bytes");
    changed(*mailbox);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), mailbox->status);
    if (mailbox->status >= 100) return 0;
    // To nghttp2 any three digits will do.
    mailbox->failure = peer_error(Errc::protocol_error, "the status code is not three digits from 100");
    changed(*mailbox);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  mailbox->fields.add_unchecked(name, value);
  return 0;
}

void Http2Session::on_head(Http2Mailbox& mailbox, bool ends_stream) {
  Headers fields = std::move(mailbox.fields).build();
  mailbox.fields = Headers::Builder();
  if (mailbox.has_final_head) {
    mailbox.trailers = std::move(fields);
  } else {
    // RFC 9113 §8.3.2: there is no version and no reason phrase.
    ResponseHead head(Protocol::http_2, mailbox.status, std::string(), std::move(fields));
    if (head.is_informational()) {
      mailbox.informational.push_back(std::move(head));
    } else {
      mailbox.has_final_head = true;
      allowance_.progress();
      if (const auto length = head.headers.get("Content-Length")) {
        std::uint64_t bytes = 0;
        const auto end = std::from_chars(length->data(), length->data() + length->size(), bytes);
        if (end.ec == std::errc()) mailbox.content_length = bytes;
      }
      mailbox.final_head = std::move(head);
    }
  }
  if (ends_stream) mailbox.is_complete = true;
  changed(mailbox);
}

void Http2Session::on_data(std::int32_t stream_id, ConstBytes data) {
  Http2Mailbox* const mailbox = mailbox_of(stream_id);
  if (mailbox == nullptr) {
    // Nobody wants it any more: what it took of the windows is given back at once.
    check(nghttp2_session_consume(session_, stream_id, data.size()));
    return;
  }
  unread_ += data.size();
  if (unread_ <= options_.receive_budget) {
    credit_connection(data.size());
  } else {
    withheld_ += data.size();
  }
  ConstBytes rest = data;
  if (mailbox->body.empty()) {
    const std::size_t count = std::min(rest.size(), mailbox->direct.size() - mailbox->direct_filled);
    if (count > 0) std::memcpy(mailbox->direct.data() + mailbox->direct_filled, rest.data(), count);
    mailbox->direct_filled += count;
    rest = rest.subspan(count);
  }
  if (!rest.empty()) mailbox->body.append(rest);
  allowance_.progress();
  changed(*mailbox);
}

void Http2Session::on_end_of_stream(Http2Mailbox& mailbox) noexcept {
  mailbox.is_complete = true;
  changed(mailbox);
}

void Http2Session::on_stream_close(std::int32_t stream_id, Http2ErrorCode code) {
  Http2Mailbox* const mailbox = mailbox_of(stream_id);
  const bool by_peer = std::exchange(peer_reset_id_, 0) == stream_id;
  if (mailbox == nullptr || !mailbox->live_hook.linked) return;
  live_.erase(*mailbox);
  mailbox->is_closed = true;
  changed(*mailbox);
  // RFC 9113 §8.1: a server may break an upload off once its response is complete.
  if (mailbox->is_complete || mailbox->failure) return;
  if (goaway_came_ && stream_id > goaway_last_id_) {
    // RFC 9113 §6.8: streams above the last identifier were not and will not be processed.
    mailbox->is_unprocessed = mailbox->is_refused = true;
    mailbox->failure = peer_error(Errc::connection_closed, "the server goes away and did not process the request (" +
                                                               std::string(to_string(goaway_code_)) + ")");
    return;
  }
  if (by_peer) mailbox->reset_code = code;
  // RFC 9113 §8.7: refused before any processing.
  mailbox->is_unprocessed = mailbox->is_refused = by_peer && code == Http2ErrorCode::refused_stream;
  mailbox->failure =
      by_peer ? peer_error(Errc::stream_reset, "the server reset the stream: " + std::string(to_string(code)))
              : peer_error(Errc::protocol_error, why_given_up(code));
}

void Http2Session::on_request_not_sent(std::int32_t stream_id) {
  for (Http2Mailbox* mailbox = live_.front(); mailbox != nullptr; mailbox = Live::next(*mailbox)) {
    if (mailbox->stream_id != stream_id) continue;
    live_.erase(*mailbox);
    mailbox->is_closed = true;
    mailbox->is_unprocessed = true;
    mailbox->is_refused = goaway_came_;
    mailbox->failure = peer_error(Errc::connection_closed, "the connection takes no more requests");
    changed(*mailbox);
    return;
  }
}

void Http2Session::on_goaway(std::int32_t last_stream_id, Http2ErrorCode code) {
  goaway_came_ = limits_changed_ = true;
  goaway_last_id_ = last_stream_id;
  goaway_code_ = code;
}

void Http2Session::produce(std::string& out, std::size_t limit, std::uint64_t offset) {
  out_base_ = offset - out.size();
  out_ = &out;
  out_limit_ = limit;
  const int result = nghttp2_session_send(session_);
  out_ = nullptr;
  check(result);
  if (result != 0 && !failure_)
    fail(Error(Errc::io, Blame::library, "HTTP/2: " + std::string(nghttp2_strerror(result))));
}

bool Http2Session::has_output() const noexcept { return nghttp2_session_want_write(session_) != 0; }

void Http2Session::fail(const Error& error) {
  if (failure_) return;
  failure_ = error;
  limits_changed_ = true;
  while (Http2Mailbox* mailbox = live_.pop_front()) {
    mailbox->is_closed = true;
    if (!mailbox->is_complete && !mailbox->failure) mailbox->failure = error;
    nghttp2_session_set_stream_user_data(session_, mailbox->stream_id, nullptr);
    changed(*mailbox);
  }
}

void Http2Session::say_goodbye() noexcept {
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
}

void Http2Session::ping() noexcept { nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr); }

bool Http2Session::takes_streams() const noexcept {
  return !failure_ && !goaway_came_ && nghttp2_session_check_request_allowed(session_) != 0;
}

std::size_t Http2Session::max_concurrent_streams() const noexcept {
  if (!settings_came_) return kAssumedStreams;
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

}  // namespace okhttp::internal
