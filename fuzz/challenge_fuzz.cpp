#include <okhttp/challenge.hpp>
#include <okhttp/headers.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "http/digest.hpp"

// Each line of the input is a WWW-Authenticate field. What is read from them is written and read again, and the
// strongest Digest challenge is answered.

namespace {

using okhttp::Challenge;
using okhttp::Headers;

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

std::vector<Challenge> parse(std::string_view field) {
  return okhttp::parse_challenges(Headers::Builder().add("WWW-Authenticate", field).build(), "WWW-Authenticate");
}

void check_one(const Challenge& challenge) {
  const std::string text = challenge.to_string();
  require(std::none_of(text.begin(), text.end(), is_control));
  require(challenge.token68().empty() || challenge.parameters().empty());
  const std::vector<Challenge> again = parse(text);
  require(again.size() == 1 && again.front() == challenge);
}

void check_digest(const std::vector<Challenge>& challenges) {
  const auto asked = okhttp::internal::strongest_digest(challenges);
  if (!asked.has_value()) return;
  okhttp::internal::DigestInput input;
  input.user = "j\xc3\xa4ne \"x\\";
  input.password = "secret";
  input.method = "GET";
  input.uri = "/";
  input.cnonce = "abc";
  const std::string answer = okhttp::internal::digest_credentials(*asked, input);
  require(std::none_of(answer.begin(), answer.end(), is_control));
  require(okhttp::internal::was_refused(answer, *asked, input.user, input.uri));
  require(parse(answer).size() == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Headers::Builder fields;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    try {
      fields.add("WWW-Authenticate", rest.substr(0, end));
    } catch (const std::invalid_argument&) {
      // No field value.
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const std::vector<Challenge> challenges = okhttp::parse_challenges(fields.build(), "WWW-Authenticate");
  for (const Challenge& challenge : challenges) check_one(challenge);
  check_digest(challenges);
  return 0;
}
