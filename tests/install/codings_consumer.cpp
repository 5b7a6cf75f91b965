// A user's program with the components of codings.

#include <okhttp/brotli.hpp>
#include <okhttp/client.hpp>
#include <okhttp/zstd.hpp>

#include <cstdio>

int main() {
  const okhttp::Client client =
      okhttp::Client::Builder().add_content_coding(okhttp::zstd()).add_content_coding(okhttp::brotli()).build();
  for (const auto& coding : client.content_codings()) {
    std::printf("%.*s\n", static_cast<int>(coding->name().size()), coding->name().data());
    if (coding->make_decoder() == nullptr || coding->make_encoder() == nullptr) return 1;
  }
  return client.content_codings().size() == 2 ? 0 : 1;
}
