// A client for a service that is sometimes busy and sometimes slow: it tries again, asks twice when an answer is late,
// leaves a failing server alone, and asks no faster than allowed.

#include <okhttp/mockwebserver/mock_web_server.hpp>
#include <okhttp/okhttp.hpp>

#include <chrono>
#include <iostream>
#include <memory>

int main() {
  using std::chrono::milliseconds;
  okhttp::MockWebServer server;
  server.enqueue(okhttp::MockResponse(503, "busy"));
  server.enqueue(okhttp::MockResponse("an answer"));
  server.enqueue(okhttp::MockResponse::Builder().on_response_start(okhttp::SocketEffect::stall()).build());
  server.enqueue(okhttp::MockResponse("another answer"));

  okhttp::RetryPolicy retries;
  retries.max_tries = 3;
  retries.first_delay = milliseconds(5);
  retries.on_decision = [](const okhttp::RetryDecision& decision) {
    if (decision.response != nullptr) std::cout << "answered with " << decision.response->code() << ", trying again\n";
  };
  okhttp::HedgePolicy hedging(milliseconds(50));
  hedging.on_hedge = [](const okhttp::Call&, unsigned) { std::cout << "no answer yet, asking a second time\n"; };
  okhttp::RateLimit limit(100);  // calls a second
  limit.burst = 10;

  // Outermost first: each try is counted by the circuit breaker, and takes a turn.
  const okhttp::Client client = okhttp::Client::Builder()
                                    .add_interceptor(std::make_shared<okhttp::RetryInterceptor>(retries))
                                    .add_interceptor(std::make_shared<okhttp::HedgingInterceptor>(hedging))
                                    .add_interceptor(std::make_shared<okhttp::CircuitBreakerInterceptor>())
                                    .add_interceptor(std::make_shared<okhttp::RateLimitInterceptor>(limit))
                                    .call_timeout(std::chrono::seconds(30))
                                    .build();
  for (const char* path : {"/busy", "/slow"}) {
    const okhttp::Response response = client.get(server.url(path).to_string());
    std::cout << path << ": " << response.body().string() << '\n';
  }
  return server.request_count() == 4 ? 0 : 1;
}
