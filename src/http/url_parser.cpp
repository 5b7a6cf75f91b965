#include "http/url_parser.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "http/url_host.hpp"

namespace okhttp::internal {

namespace {

constexpr UrlScheme kSchemes[] = {{"http", 80, false}, {"https", 443, true}, {"ws", 80, false}, {"wss", 443, true}};

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_slash(char c) { return c == '/' || c == '\\'; }
bool is_tab_or_newline(char c) { return c == '\t' || c == '\n' || c == '\r'; }
bool is_c0_or_space(char c) { return static_cast<unsigned char>(c) <= 0x20; }

bool equals_lower(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (is_alpha(a) ? a | 0x20 : a) == b; });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_c0_or_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_c0_or_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Without early exit, so that compilers can look at many bytes at once.
bool has_tab_or_newline(std::string_view text) {
  bool found = false;
  for (const char c : text) found |= is_tab_or_newline(c);
  return found;
}

/// One parse. Appends to out.text from left to right and notes the offsets; in_ is at most 1 MiB, so they fit 32 bits.
class UrlParser {
 public:
  UrlParser(std::string_view in, const UrlRecord* base, UrlRecord& out) : in_(in), base_(base), out_(out) {}

  UrlFailure run() {
    const UrlScheme* scheme = read_scheme();
    if (scheme == nullptr) return std::move(failure_);
    // Two slashes start an authority. With fewer the reference is relative, even behind the base's own scheme.
    const std::size_t slashes = count_slashes();
    const bool same_scheme = base_ != nullptr && base_->scheme() == scheme->name;
    if (same_scheme && slashes < 2) {
      read_relative();
    } else {
      at_ += slashes;
      if (!read_authority(*scheme)) return std::move(failure_);
      read_path();
    }
    read_query();
    read_fragment();
    if (out_.text.size() > kMaxUrlSize) fail(UrlProblem::too_long, {});
    return std::move(failure_);
  }

 private:
  /// Moves behind "scheme:" and finds it, or takes the base's.
  const UrlScheme* read_scheme() {
    const std::size_t colon = find_scheme_colon();
    if (colon == std::string_view::npos) {
      if (base_ != nullptr) return find_scheme(base_->scheme());
      fail(UrlProblem::missing_scheme, {});
      return nullptr;
    }
    const UrlScheme* scheme = find_scheme(in_.substr(0, colon));
    if (scheme == nullptr) fail(UrlProblem::unsupported_scheme, in_.substr(0, colon));
    at_ = colon + 1;
    return scheme;
  }

  std::size_t find_scheme_colon() const {
    if (in_.empty() || !is_alpha(in_.front())) return std::string_view::npos;
    for (std::size_t i = 1; i < in_.size(); ++i) {
      const char c = in_[i];
      if (c == ':') return i;
      if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') break;
    }
    return std::string_view::npos;
  }

  std::size_t count_slashes() const {
    std::size_t count = 0;
    while (at_ + count < in_.size() && is_slash(in_[at_ + count])) ++count;
    return count;
  }

  bool read_authority(const UrlScheme& scheme) {
    out_.text.reserve(in_.size() + 8);
    out_.text += scheme.name;
    out_.scheme_end = offset();
    out_.is_tls = scheme.is_tls;
    out_.port = scheme.default_port;
    out_.text += "://";

    const std::size_t end = find_delimiter();
    const std::string_view authority = in_.substr(at_, end - at_);
    at_ = end;
    // The last '@' counts: what comes before belongs to the user information, however many there are.
    const std::size_t at_sign = authority.rfind('@');
    const bool has_user_info = at_sign != std::string_view::npos;
    write_user_info(has_user_info ? authority.substr(0, at_sign) : std::string_view());
    return read_host_and_port(has_user_info ? authority.substr(at_sign + 1) : authority);
  }

  void write_user_info(std::string_view user_info) {
    const std::size_t colon = std::min(user_info.find(':'), user_info.size());
    const std::string_view username = user_info.substr(0, colon);
    const std::string_view password = user_info.substr(std::min(colon + 1, user_info.size()));
    append_percent_encoded(out_.text, username, EncodeSet::userinfo);
    out_.username_end = offset();
    if (!password.empty()) {
      out_.text += ':';
      append_percent_encoded(out_.text, password, EncodeSet::userinfo);
    }
    out_.password_end = offset();
    if (!username.empty() || !password.empty()) out_.text += '@';
  }

  bool read_host_and_port(std::string_view text) {
    const std::size_t colon = find_port_colon(text);
    const std::string_view host = text.substr(0, colon);
    if (host.empty()) return fail(UrlProblem::missing_host, {});
    out_.host_begin = offset();
    const HostResult result = append_host(out_.text, host);
    if (result.problem != UrlProblem::none) return fail(result.problem, host);
    out_.host_end = offset();
    if (result.kind == HostKind::ipv6) {
      ++out_.host_begin;
      --out_.host_end;
    }
    out_.host_is_ip = result.kind != HostKind::domain;
    return colon == text.size() || read_port(text.substr(colon + 1));
  }

  /// The ':' before the port, or the end; those of an IPv6 address are in brackets.
  static std::size_t find_port_colon(std::string_view text) {
    bool in_brackets = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '[') in_brackets = true;
      if (text[i] == ']') in_brackets = false;
      if (text[i] == ':' && !in_brackets) return i;
    }
    return text.size();
  }

  bool read_port(std::string_view digits) {
    if (digits.empty()) return true;
    if (!std::all_of(digits.begin(), digits.end(), is_digit)) return fail(UrlProblem::invalid_port, {});
    std::uint16_t port = 0;
    const auto status = std::from_chars(digits.data(), digits.data() + digits.size(), port).ec;
    if (status != std::errc()) return fail(UrlProblem::invalid_port, {});
    out_.has_default_port = port == out_.port;
    out_.port = port;
    if (out_.has_default_port) return true;
    char canonical[5];
    const auto end = std::to_chars(canonical, canonical + sizeof canonical, port).ptr;
    out_.text += ':';
    out_.text.append(canonical, end);
    return true;
  }

  void read_relative() {
    out_ = UrlRecord{};
    out_.text.reserve(base_->query_end + in_.size() + 8);
    out_.text.assign(base_->text, 0, base_->path_begin);
    out_.scheme_end = base_->scheme_end;
    out_.username_end = base_->username_end;
    out_.password_end = base_->password_end;
    out_.host_begin = base_->host_begin;
    out_.host_end = base_->host_end;
    out_.port = base_->port;
    out_.has_default_port = base_->has_default_port;
    out_.host_is_ip = base_->host_is_ip;
    out_.is_tls = base_->is_tls;

    const bool at_end = at_ == in_.size();
    if (!at_end && is_slash(in_[at_])) {
      read_path();
    } else if (!at_end && in_[at_] != '?' && in_[at_] != '#') {
      const std::string_view path = base_->path();
      read_path(path.substr(0, path.rfind('/')));
    } else {
      out_.path_begin = offset();
      out_.text += base_->path();
      out_.path_end = offset();
      if (at_end || in_[at_] == '#') out_.text.append(base_->text, base_->path_end, base_->query_end - base_->path_end);
    }
  }

  /// Reads segments up to the query or fragment, behind `inherited` ones of the base.
  void read_path(std::string_view inherited = {}) {
    out_.path_begin = offset();
    out_.text += inherited;
    if (at_ < in_.size() && is_slash(in_[at_])) ++at_;
    while (true) {
      const std::size_t end = find_delimiter();
      const bool is_last = end == in_.size() || !is_slash(in_[end]);
      write_segment(in_.substr(at_, end - at_), is_last);
      at_ = end;
      if (is_last) break;
      ++at_;
    }
    out_.path_end = offset();
  }

  void write_segment(std::string_view segment, bool is_last) {
    const DotSegment dots = classify_segment(segment);
    if (dots == DotSegment::parent && out_.text.size() > out_.path_begin) out_.text.resize(out_.text.rfind('/'));
    if (dots == DotSegment::none) {
      out_.text += '/';
      append_percent_encoded(out_.text, segment, EncodeSet::path);
    } else if (is_last) {
      out_.text += '/';
    }
  }

  void read_query() {
    if (at_ < in_.size() && in_[at_] == '?') {
      const std::size_t end = std::min(in_.find('#', at_), in_.size());
      out_.text += '?';
      append_percent_encoded(out_.text, in_.substr(at_ + 1, end - at_ - 1), EncodeSet::query);
      at_ = end;
    }
    out_.query_end = offset();
  }

  void read_fragment() {
    if (at_ == in_.size()) return;
    out_.text += '#';
    append_percent_encoded(out_.text, in_.substr(at_ + 1), EncodeSet::fragment);
  }

  /// The next '/', '\', '?' or '#', or the end.
  std::size_t find_delimiter() const {
    std::size_t i = at_;
    while (i < in_.size() && !is_slash(in_[i]) && in_[i] != '?' && in_[i] != '#') ++i;
    return i;
  }

  std::uint32_t offset() const { return static_cast<std::uint32_t>(out_.text.size()); }

  /// Returns false. A text with an '@' may carry a password, and where it is malformed nobody can tell which part that
  /// is; so none of it is shown then.
  bool fail(UrlProblem problem, std::string_view part) {
    failure_.problem = problem;
    if (in_.find('@') == std::string_view::npos) failure_.detail = printable(part);
    return false;
  }

  const std::string_view in_;
  const UrlRecord* const base_;
  UrlRecord& out_;
  std::size_t at_ = 0;
  UrlFailure failure_;
};

}  // namespace

const UrlScheme* find_scheme(std::string_view name) noexcept {
  for (const UrlScheme& scheme : kSchemes) {
    if (equals_lower(name, scheme.name)) return &scheme;
  }
  return nullptr;
}

UrlFailure parse_url(std::string_view text, const UrlRecord* base, UrlRecord& out) {
  if (text.size() > kMaxUrlSize) return {UrlProblem::too_long, {}};
  text = trim(text);
  if (!has_tab_or_newline(text)) return UrlParser(text, base, out).run();
  std::string stripped(text);
  std::erase_if(stripped, is_tab_or_newline);
  return UrlParser(stripped, base, out).run();
}

DotSegment classify_segment(std::string_view segment) noexcept {
  // Nearly all segments leave here: the longest spelling is "%2e%2e".
  if (segment.empty() || segment.size() > 6 || (segment[0] != '.' && segment[0] != '%')) return DotSegment::none;
  int dots = 0;
  while (!segment.empty()) {
    if (segment[0] == '.') {
      segment.remove_prefix(1);
    } else if (segment.size() >= 3 && equals_lower(segment.substr(0, 3), "%2e")) {
      segment.remove_prefix(3);
    } else {
      return DotSegment::none;
    }
    ++dots;
  }
  return dots == 1 ? DotSegment::single : dots == 2 ? DotSegment::parent : DotSegment::none;
}

}  // namespace okhttp::internal
