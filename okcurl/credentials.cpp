#include "okcurl/credentials.hpp"

#include <unistd.h>

#include "okcurl/exit_code.hpp"

namespace okcurl {

std::pair<std::string, std::string> credentials_of(const std::string& user, const char* whose, const char* option) {
  if (const std::size_t colon = user.find(':'); colon != std::string::npos) {
    return {user.substr(0, colon), user.substr(colon + 1)};
  }
  const std::string prompt = "Enter " + std::string(whose) + " password for user '" + user + "':";
  const char* const password = ::getpass(prompt.c_str());  // NOLINT(concurrency-mt-unsafe): there is one thread yet
  if (password == nullptr) {
    throw Failure(ExitCode::usage, "option " + std::string(option) +
                                       ": there is no terminal to ask for the password; write name:password");
  }
  return {user, password};
}

}  // namespace okcurl
