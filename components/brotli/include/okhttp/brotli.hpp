#pragma once

#include <okhttp/config.hpp>
#include <okhttp/content_coding.hpp>

#include <memory>

namespace okhttp {

/// The content coding `br` (RFC 7932), for Client::Builder::add_content_coding() and compressed(). Component
/// okhttp::brotli. Windows of up to 16 MiB, as the RFC has them; one stream a body.
[[nodiscard]] OKHTTP_API std::shared_ptr<const ContentCoding> brotli();

}  // namespace okhttp
