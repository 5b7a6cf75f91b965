#include <okhttp/error.hpp>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "okcurl/exit_code.hpp"
#include "okcurl/help.hpp"
#include "okcurl/options.hpp"
#include "okcurl/output.hpp"
#include "okcurl/session.hpp"
#include "okcurl/terminal.hpp"

namespace {

using okcurl::ExitCode;
using okcurl::Failure;
using okcurl::Options;

ExitCode run(const Options& options) {
  switch (options.action) {
    case Options::Action::help:
      okcurl::Output().write(okcurl::help_text());
      return ExitCode::ok;
    case Options::Action::version:
      okcurl::Output().write(okcurl::version_text());
      return ExitCode::ok;
    case Options::Action::transfer:
      break;
  }
  return okcurl::Session(options).run();
}

int main_or_throw(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  Options options;
  try {
    options = okcurl::parse_options(arguments);
  } catch (const Failure& failure) {
    okcurl::write_to_stderr("okcurl: " + okcurl::printable(failure.what()) +
                            "\nokcurl: try 'okcurl --help' for more information\n");
    return static_cast<int>(failure.code());
  }
  try {
    return static_cast<int>(run(options));
  } catch (const Failure& failure) {
    okcurl::report(failure, options);
    return static_cast<int>(failure.code());
  }
}

}  // namespace

int main(int argc, char** argv) {
  // Writing to a pipe that nobody reads shall fail, and not end the program without a word.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return main_or_throw(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "okcurl: internal error: %s\n", error.what());
    return 2;
  }
}
