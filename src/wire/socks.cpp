#include "wire/socks.hpp"

#include <cassert>
#include <utility>

namespace okhttp::internal {
namespace {

// SOCKS4
constexpr std::uint8_t kVersion4 = 4;
constexpr std::uint8_t kGranted4 = 90;
constexpr std::size_t kReplySize4 = 8;

// RFC 1928, RFC 1929
constexpr std::uint8_t kVersion5 = 5;
constexpr std::uint8_t kConnect = 1;
constexpr std::uint8_t kNoAuthentication = 0;
constexpr std::uint8_t kUserAndPassword = 2;
constexpr std::uint8_t kNoAcceptableMethod = 0xff;
constexpr std::uint8_t kCredentialsVersion = 1;
constexpr std::uint8_t kAddressV4 = 1;
constexpr std::uint8_t kAddressName = 3;
constexpr std::uint8_t kAddressV6 = 4;
/// Version, reply, reserved, type of address, and the address's first byte, which tells the length of a name. No reply
/// is shorter.
constexpr std::size_t kReplyBegin = 5;

/// What one length byte can count.
constexpr std::size_t kMaxText = 255;

void append_byte(std::string& to, unsigned value) { to += static_cast<char>(value); }

void append_port(std::string& to, std::uint16_t port) {
  append_byte(to, port >> 8U);
  append_byte(to, port & 0xffU);
}

void append_address(std::string& to, const IpAddress& address) {
  const std::size_t size = address.is_v6() ? 16 : 4;
  for (std::size_t i = 0; i < size; ++i) append_byte(to, address.bytes()[i]);
}

void append_text(std::string& to, std::string_view text) {
  append_byte(to, static_cast<unsigned>(text.size()));
  to += text;
}

std::string too_long(const char* what, std::size_t size) {
  return std::string(what) + " has " + std::to_string(size) + " bytes, and SOCKS carries at most " +
         std::to_string(kMaxText);
}

std::string answered(std::string_view meaning, unsigned code) {
  return "the proxy answered: " + std::string(meaning) + " (" + std::to_string(code) + ')';
}

std::string_view meaning_4(std::uint8_t code) noexcept {
  switch (code) {
    case 91:
      return "request rejected or failed";
    case 92:
      return "it cannot reach identd on this host";
    case 93:
      return "identd names another user";
    default:
      return "an unknown code";
  }
}

// RFC 1928 §6
std::string_view meaning_5(std::uint8_t code) noexcept {
  switch (code) {
    case 1:
      return "general failure";
    case 2:
      return "not allowed by its rules";
    case 3:
      return "network unreachable";
    case 4:
      return "host unreachable";
    case 5:
      return "connection refused";
    case 6:
      return "time to live expired";
    case 7:
      return "command not supported";
    case 8:
      return "address type not supported";
    default:
      return "an unknown code";
  }
}

}  // namespace

SocksClient::SocksClient(const Proxy& proxy, std::string_view host, std::uint16_t port,
                         const std::optional<Endpoint>& target) {
  begin(proxy, host, port, target.has_value() ? target->address : IpAddress::parse(host));
}

void SocksClient::begin(const Proxy& proxy, std::string_view host, std::uint16_t port,
                        const std::optional<IpAddress>& address) {
  assert(proxy.is_socks());
  assert(address.has_value() || proxy.resolves_names());
  if (!address.has_value() && host.size() > kMaxText) {
    return fail(SocksErrc::target_too_long, too_long("the host name", host.size()));
  }
  if (proxy.user().size() > kMaxText) {
    return fail(SocksErrc::credentials_too_long, too_long("the user name for the proxy", proxy.user().size()));
  }
  if (proxy.type() == Proxy::Type::socks4 || proxy.type() == Proxy::Type::socks4a) {
    return begin_socks4(proxy.user(), host, port, address);  // the protocol has no password
  }
  if (proxy.password().size() > kMaxText) {
    return fail(SocksErrc::credentials_too_long, too_long("the password for the proxy", proxy.password().size()));
  }
  if (proxy.has_credentials()) {
    append_byte(credentials_, kCredentialsVersion);
    append_text(credentials_, proxy.user());
    append_text(credentials_, proxy.password());
  }
  begin_socks5(host, port, address);
}

// VN CD DSTPORT DSTIP USERID NUL [host NUL]
void SocksClient::begin_socks4(std::string_view user, std::string_view host, std::uint16_t port,
                               const std::optional<IpAddress>& address) {
  if (address.has_value() && address->is_v6()) {
    return fail(SocksErrc::target_not_supported, "SOCKS4 cannot reach an IPv6 address");
  }
  append_byte(outgoing_, kVersion4);
  append_byte(outgoing_, kConnect);
  append_port(outgoing_, port);
  // 4a: an address that cannot be one says that the name follows.
  append_address(outgoing_, address.value_or(IpAddress::v4({0, 0, 0, 1})));
  outgoing_ += user;
  append_byte(outgoing_, 0);
  if (!address.has_value()) {
    outgoing_ += host;
    append_byte(outgoing_, 0);
  }
  expect(Step::socks4_reply, kReplySize4);
}

void SocksClient::begin_socks5(std::string_view host, std::uint16_t port, const std::optional<IpAddress>& address) {
  append_byte(request_, kVersion5);
  append_byte(request_, kConnect);
  append_byte(request_, 0);
  if (address.has_value()) {
    append_byte(request_, address->is_v6() ? kAddressV6 : kAddressV4);
    append_address(request_, *address);
  } else {
    append_byte(request_, kAddressName);
    append_text(request_, host);
  }
  append_port(request_, port);

  append_byte(outgoing_, kVersion5);
  append_byte(outgoing_, credentials_.empty() ? 1 : 2);
  append_byte(outgoing_, kNoAuthentication);
  if (!credentials_.empty()) append_byte(outgoing_, kUserAndPassword);
  expect(Step::method, 2);
}

void SocksClient::expect(Step step, std::size_t bytes) {
  step_ = step;
  incoming_.clear();
  wanted_ = bytes;
}

void SocksClient::fail(SocksErrc code, std::string text) {
  expect(Step::failed, 0);
  outgoing_.clear();
  error_ = code;
  error_text_ = std::move(text);
}

void SocksClient::received(std::string_view bytes) {
  assert(!bytes.empty() && bytes.size() <= wanted() && outgoing_.empty());
  incoming_ += bytes;
  switch (step_) {
    case Step::socks4_reply:
      return read_socks4_reply();
    case Step::method:
      return read_method();
    case Step::credentials:
      return read_credentials_answer();
    case Step::reply_begin:
      return read_reply_begin();
    case Step::reply_rest:
      // The address that the proxy connects from: nobody's business.
      if (has(wanted_)) expect(Step::connected, 0);
      return;
    case Step::connected:
    case Step::failed:
      return;
  }
}

void SocksClient::read_socks4_reply() {
  if (byte(0) != 0) return fail(SocksErrc::no_socks, "the proxy's answer is not SOCKS4");
  if (!has(2)) return;
  if (byte(1) != kGranted4) return fail(SocksErrc::refused, answered(meaning_4(byte(1)), byte(1)));
  if (has(kReplySize4)) expect(Step::connected, 0);
}

void SocksClient::read_method() {
  if (byte(0) != kVersion5) return fail(SocksErrc::no_socks, "the proxy's answer is not SOCKS5");
  if (!has(2)) return;
  const std::uint8_t method = byte(1);
  if (method == kNoAuthentication) {
    outgoing_ = std::move(request_);
    return expect(Step::reply_begin, kReplyBegin);
  }
  if (method == kUserAndPassword && !credentials_.empty()) {
    outgoing_ = std::move(credentials_);
    return expect(Step::credentials, 2);
  }
  if (method == kUserAndPassword) {
    return fail(SocksErrc::no_method, "the proxy asks for a user name and a password");
  }
  if (method == kNoAcceptableMethod) {
    return fail(SocksErrc::no_method, credentials_.empty()
                                          ? "the proxy does not serve strangers"
                                          : "the proxy takes neither user name and password nor nothing");
  }
  fail(SocksErrc::no_method,
       "the proxy chose a way to authenticate that it was not offered (" + std::to_string(method) + ')');
}

void SocksClient::read_credentials_answer() {
  // The first byte is a version that proxies do not agree upon.
  if (!has(2)) return;
  if (byte(1) != 0) return fail(SocksErrc::bad_credentials, "the proxy refused the user name and the password");
  outgoing_ = std::move(request_);
  expect(Step::reply_begin, kReplyBegin);
}

void SocksClient::read_reply_begin() {
  if (byte(0) != kVersion5) return fail(SocksErrc::no_socks, "the proxy's answer is not SOCKS5");
  if (!has(2)) return;
  if (byte(1) != 0) return fail(SocksErrc::refused, answered(meaning_5(byte(1)), byte(1)));
  if (!has(kReplyBegin)) return;
  switch (byte(3)) {
    case kAddressV4:
      return expect(Step::reply_rest, 3 + 2);
    case kAddressV6:
      return expect(Step::reply_rest, 15 + 2);
    case kAddressName:
      return expect(Step::reply_rest, std::size_t{byte(4)} + 2);
    default:
      return fail(SocksErrc::no_socks,
                  "the proxy's answer has an address of an unknown type (" + std::to_string(byte(3)) + ')');
  }
}

}  // namespace okhttp::internal
