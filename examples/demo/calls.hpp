#pragma once

#include <okhttp/okhttp.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "timeline.hpp"

namespace demo {

/// What a call gave, its body read.
class Answer {
 public:
  Answer(const okhttp::Response& response, std::string text)
      : code(response.code()),
        message(response.message()),
        was_redirected(response.prior_response() != nullptr),
        was_compressed(response.network_response() != nullptr &&
                       response.network_response()->header("Content-Encoding").has_value()),
        body(std::move(text)) {}

  int code;
  std::string message;
  bool was_redirected;
  bool was_compressed;
  std::string body;
};

/// The three ways to run a call.
struct Style {
  std::string_view name;
  Answer (*run)(const okhttp::Call& call);
};
[[nodiscard]] const std::vector<Style>& styles();

/// A client whose calls are written down, one timeline each.
class RecordingClient {
 public:
  explicit RecordingClient(const okhttp::TlsConfig& tls);

  struct Outcome {
    Answer answer;
    std::shared_ptr<const Timeline> timeline;
    std::chrono::duration<double, std::milli> time;
  };
  /// Throws okhttp::Error.
  [[nodiscard]] Outcome run(const Style& style, const okhttp::Request& request);

  /// Of the call that was run last, whether it failed or not; null before the first.
  [[nodiscard]] std::shared_ptr<const Timeline> last_timeline() const { return *last_; }

 private:
  // Shared with the listener factory. Calls are made one after another, on one thread.
  std::shared_ptr<std::shared_ptr<Timeline>> last_ = std::make_shared<std::shared_ptr<Timeline>>();
  okhttp::Client client_;
};

}  // namespace demo
