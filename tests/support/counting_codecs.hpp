#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "connection/codec_factory.hpp"

namespace okhttp::internal {

/// Makes what is spoken everywhere, and counts how many connections there are at once to one address. Everything on one
/// thread.
class CountingCodecs final : public CodecFactory {
 public:
  [[nodiscard]] std::shared_ptr<ConnectionCodec> make(Protocol protocol, std::unique_ptr<Stream> stream,
                                                      const Route& route) const override {
    const std::string address = route.address().to_string();
    std::shared_ptr<ConnectionCodec> codec = standard_.make(protocol, std::move(stream), route);
    const std::shared_ptr<Counts> counts = counts_;
    most_ = std::max(most_, ++(*counts)[address]);
    ConnectionCodec* const raw = codec.get();
    return std::shared_ptr<ConnectionCodec>(raw, [counts, address, codec](ConnectionCodec*) mutable {
      codec = nullptr;
      --(*counts)[address];
    });
  }

  /// The most connections to one address that there ever were.
  [[nodiscard]] std::size_t most() const noexcept { return most_; }

 private:
  using Counts = std::map<std::string, std::size_t>;
  const StandardCodecs standard_;
  const std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
  mutable std::size_t most_ = 0;
};

}  // namespace okhttp::internal
