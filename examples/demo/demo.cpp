// `make demo`: one client, four requests, three ways to run each of them, one connection.
// `make demo URL=https://example.com/`: a GET of that address, three ways.

#include <okhttp/okhttp.hpp>

#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "calls.hpp"
#include "demo_server.hpp"
#include "screen.hpp"

namespace demo {
namespace {

using okhttp::Errc;
using okhttp::Request;
using okhttp::RequestBody;

const Screen& screen() {
  static const Screen the_screen;
  return the_screen;
}

struct Step {
  std::string name;
  Request request;
  int code;
  std::string body_begins_with;
};

void print_row(const Step& step, const Style& style, const RecordingClient::Outcome& outcome) {
  const Answer& answer = outcome.answer;
  const Timeline& timeline = *outcome.timeline;
  std::string notes = "connection #" + std::to_string(timeline.connection_id());
  notes += timeline.has_connected() ? ", new" : ", reused";
  if (answer.was_redirected) notes += ", redirected";
  if (answer.was_compressed) notes += ", was gzip";
  const std::string code = padded(std::to_string(answer.code) + ' ' + answer.message, 12);
  std::cout << "  " << padded(step.name, 16) << padded(style.name, 10)
            << (answer.code < 400 ? screen().good(code) : screen().bad(code))
            << padded(size_text(answer.body.size()), 10) << milliseconds(outcome.time.count()) << "   "
            << screen().dim(notes) << '\n'
            << std::flush;
}

void print_timeline(const std::string& title, const Timeline& timeline) {
  std::cout << '\n' << screen().bold(title) << '\n';
  for (const Timeline::Entry& entry : timeline.entries()) {
    std::cout << screen().dim(milliseconds(entry.milliseconds)) << "   " << entry.text << '\n';
  }
  std::cout << std::flush;
}

void check(const Step& step, const Answer& answer) {
  if (answer.code != step.code) {
    throw std::runtime_error(step.name + ": expected " + std::to_string(step.code) + " and got " +
                             std::to_string(answer.code));
  }
  if (!answer.body.starts_with(step.body_begins_with)) {
    throw std::runtime_error(step.name + ": the body is not what the server sent");
  }
}

/// The demo against its own server.
void run_against_own_server() {
  DemoServer server;
  RecordingClient client(server.client_tls());
  const std::vector<Step> steps = {
      {"GET /greeting", Request::get(server.url("/greeting")), 200, "hello over TLS"},
      {"POST /notes", Request::Builder().url(server.url("/notes")).post(RequestBody::json(R"({"buy":"milk"})")).build(),
       201, R"(noted: {"buy":"milk"})"},
      {"GET /old", Request::get(server.url("/old")), 200, "hello over TLS"},
      {"GET /page", Request::get(server.url("/page")), 200, "The server sent this page compressed"},
  };
  std::cout << screen().bold("okhttp-cpp " + std::string(okhttp::kVersion)) << "  one client against "
            << server.url("/").redact() << " (MockWebServer, TLS)\n\n";

  std::shared_ptr<const Timeline> first;
  std::shared_ptr<const Timeline> redirected;
  for (const Step& step : steps) {
    for (const Style& style : styles()) {
      const RecordingClient::Outcome outcome = client.run(style, step.request);
      print_row(step, style, outcome);
      check(step, outcome.answer);
      if (first == nullptr) first = outcome.timeline;
      if (outcome.answer.was_redirected) redirected = outcome.timeline;
    }
  }
  std::cout << "\n  The server saw " << server.request_count() << " requests on " << server.connection_count()
            << (server.connection_count() == 1 ? " connection.\n" : " connections.\n");
  if (server.connection_count() != 1) throw std::runtime_error("the connection was not reused");
  print_timeline("Events of the first call, which had to connect", *first);
  print_timeline("Events of a redirected call, on the connection that was there", *redirected);
}

/// A GET of somebody else's server.
void run_against(const std::string& url) {
  const Step step{"GET", Request::get(url), 0, ""};
  RecordingClient client{okhttp::TlsConfig()};
  std::cout << screen().bold("okhttp-cpp " + std::string(okhttp::kVersion)) << "  GET " << step.request.url().redact()
            << "\n\n";
  std::shared_ptr<const Timeline> first;
  try {
    for (const Style& style : styles()) {
      const RecordingClient::Outcome outcome = client.run(style, step.request);
      print_row(step, style, outcome);
      if (first == nullptr) first = outcome.timeline;
    }
  } catch (const okhttp::Error&) {
    if (client.last_timeline() != nullptr) print_timeline("Events of the call that failed", *client.last_timeline());
    throw;
  }
  print_timeline("Events of the first call", *first);
}

/// What to do about a failed call.
std::string advice(const okhttp::Error& error) {
  switch (error.errc()) {
    case Errc::unknown_host:
      return "Check how the name is spelled, and that this machine resolves names (try: getent hosts NAME).";
    case Errc::connect_failed:
    case Errc::connect_timeout:
      return "Nothing answers there. Check the port, and whether this network lets connections out; proxies are not "
             "supported yet.";
    case Errc::peer_unverified:
      return "This machine does not trust the server's certificate. Install ca-certificates, or set SSL_CERT_FILE to "
             "the server's CA.";
    case Errc::tls_handshake:
      return "The server and this client could not agree on TLS. Is it an https port?";
    case Errc::timeout:
    case Errc::read_timeout:
    case Errc::write_timeout:
      return "The server took too long. Try again, or another address.";
    default:
      return "Try the address with: okcurl -v URL";
  }
}

int fail(const std::string& what, const std::string& next) {
  std::cout << std::flush;
  std::cerr << "\nThe demo failed: " << what << '\n' << next << '\n';
  return 1;
}

int run(int argc, char** argv) {
  if (argc > 2) return fail("too many arguments", "Usage: okhttp_demo [URL]");
  const std::string url = argc == 2 ? argv[1] : "";
  try {
    if (url.empty()) {
      run_against_own_server();
    } else {
      run_against(url);
    }
    return 0;
  } catch (const okhttp::Error& error) {
    return fail(error.what(), advice(error));
  } catch (const std::invalid_argument& error) {
    return fail(error.what(), "Give a whole address, as in: make demo URL=https://example.com/");
  } catch (const std::exception& error) {
    return fail(error.what(), "That is a fault of the library: please report it with this output.");
  }
}

}  // namespace
}  // namespace demo

int main(int argc, char** argv) { return demo::run(argc, argv); }
