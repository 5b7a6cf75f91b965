#include <okhttp/error.hpp>

#include <iterator>
#include <utility>

namespace okhttp {
namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "okhttp"; }

  std::string message(int value) const override { return std::string(to_string(static_cast<Errc>(value))); }

  std::error_condition default_error_condition(int value) const noexcept override {
    switch (static_cast<Errc>(value)) {
      case Errc::canceled:
        return std::errc::operation_canceled;
      case Errc::timeout:
      case Errc::connect_timeout:
      case Errc::read_timeout:
      case Errc::write_timeout:
        return std::errc::timed_out;
      default:
        return {value, *this};
    }
  }
};

Blame usual_blame(Errc code) noexcept {
  switch (code) {
    case Errc::canceled:
    case Errc::timeout:
    case Errc::cleartext_not_permitted:
    case Errc::body_length_mismatch:
    case Errc::address_refused:
    case Errc::rejected:
      return Blame::caller;
    case Errc::connect_timeout:
    case Errc::read_timeout:
    case Errc::write_timeout:
    case Errc::unknown_host:
    case Errc::connect_failed:
    case Errc::connection_closed:
      return Blame::network;
    case Errc::tls_handshake:
    case Errc::peer_unverified:
    case Errc::pin_mismatch:
    case Errc::proxy_failed:
    case Errc::protocol_error:
    case Errc::stream_reset:
    case Errc::too_many_follow_ups:
    case Errc::decode_failed:
    case Errc::limit_exceeded:
      return Blame::peer;
    case Errc::io:
      return Blame::library;
  }
  return Blame::library;
}

std::string with_system_text(const std::string& message, std::error_code system) {
  return system ? message + ": " + system.message() : message;
}

}  // namespace

const std::error_category& error_category() noexcept {
  // Never destroyed: errors may be compared while static objects are being torn down.
  static const Category& category = *new Category;
  return category;
}

std::error_code make_error_code(Errc code) noexcept { return {static_cast<int>(code), error_category()}; }

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::canceled:
      return "canceled";
    case Errc::timeout:
      return "timeout";
    case Errc::connect_timeout:
      return "connect_timeout";
    case Errc::read_timeout:
      return "read_timeout";
    case Errc::write_timeout:
      return "write_timeout";
    case Errc::unknown_host:
      return "unknown_host";
    case Errc::connect_failed:
      return "connect_failed";
    case Errc::connection_closed:
      return "connection_closed";
    case Errc::tls_handshake:
      return "tls_handshake";
    case Errc::peer_unverified:
      return "peer_unverified";
    case Errc::pin_mismatch:
      return "pin_mismatch";
    case Errc::cleartext_not_permitted:
      return "cleartext_not_permitted";
    case Errc::proxy_failed:
      return "proxy_failed";
    case Errc::protocol_error:
      return "protocol_error";
    case Errc::stream_reset:
      return "stream_reset";
    case Errc::too_many_follow_ups:
      return "too_many_follow_ups";
    case Errc::body_length_mismatch:
      return "body_length_mismatch";
    case Errc::decode_failed:
      return "decode_failed";
    case Errc::limit_exceeded:
      return "limit_exceeded";
    case Errc::address_refused:
      return "address_refused";
    case Errc::rejected:
      return "rejected";
    case Errc::io:
      return "io";
  }
  return "unknown";
}

struct Error::State {
  Errc code = Errc::io;
  Blame blame = Blame::library;
  std::string message;  // without the attempts
  std::error_code system;
  std::exception_ptr cause;
  std::vector<Attempt> attempts;

  [[nodiscard]] std::string what() const {
    std::string text = message;
    if (!attempts.empty()) text += "; earlier attempts:";
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      text += i == 0 ? " " : "; ";
      text += attempts[i].route;
      text += ": ";
      text += attempts[i].failure;
    }
    return text;
  }
};

Error::Error(std::shared_ptr<const State> state) : std::runtime_error(state->what()), state_(std::move(state)) {}

Error::Error(Errc code, const std::string& message) : Error(code, usual_blame(code), message) {}

Error::Error(Errc code, Blame blame, const std::string& message, std::exception_ptr cause)
    : Error(std::make_shared<const State>(State{code, blame, message, {}, std::move(cause), {}})) {}

Error::Error(Errc code, Blame blame, const std::string& message, std::error_code system)
    : Error(std::make_shared<const State>(State{code, blame, with_system_text(message, system), system, nullptr, {}})) {
}

std::error_code Error::code() const noexcept { return make_error_code(state_->code); }
Errc Error::errc() const noexcept { return state_->code; }
Blame Error::blame() const noexcept { return state_->blame; }
std::error_code Error::system_error() const noexcept { return state_->system; }
const std::exception_ptr& Error::cause() const noexcept { return state_->cause; }
const std::vector<Attempt>& Error::attempts() const noexcept { return state_->attempts; }

Error Error::with_attempts(std::vector<Attempt> earlier) const {
  auto state = std::make_shared<State>(*state_);
  earlier.insert(earlier.end(), state->attempts.begin(), state->attempts.end());
  state->attempts = std::move(earlier);
  return Error(std::shared_ptr<const State>(std::move(state)));
}

}  // namespace okhttp
