#pragma once

#include <okhttp/response_body.hpp>

#include <memory>

#include "cache/cache_request.hpp"

namespace okhttp::internal {

/// A body from the network that goes into the store as it is read.
///
/// What nobody reads to its end is kept if the rest is at hand when it is dropped, or comes within the bounds in which
/// its connection is cleared (see Exchange); else it is given up.
class CachingSource final : public BodySource {
 public:
  CachingSource(ResponseBody network, std::unique_ptr<CacheRequest> request);
  ~CachingSource() override;

  Task<std::size_t> read_some(std::span<std::byte> into) override;
  [[nodiscard]] bool is_at_end() const noexcept override;
  [[nodiscard]] Headers trailers() const override { return network_.trailers(); }

 private:
  const ResponseBody network_;
  std::unique_ptr<CacheRequest> request_;  // null when it was committed or given up
};

}  // namespace okhttp::internal
