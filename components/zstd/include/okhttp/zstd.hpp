#pragma once

#include <okhttp/config.hpp>
#include <okhttp/content_coding.hpp>

#include <memory>

namespace okhttp {

/// The content coding `zstd` (RFC 8878), for Client::Builder::add_content_coding() and compressed(). Component
/// okhttp::zstd. Windows of up to 8 MiB (RFC 9659), others are refused; any number of frames a body, skippable ones
/// included; no dictionaries.
[[nodiscard]] OKHTTP_API std::shared_ptr<const ContentCoding> zstd();

}  // namespace okhttp
