#pragma once

#include <okhttp/certificate_pinner.hpp>

#include "okcurl/options.hpp"

namespace okcurl {

/// What --pinnedpubkey asks of every server. Throws Failure: usage for a hash that is none, pin_mismatch for a file
/// that holds no public key.
[[nodiscard]] okhttp::CertificatePinner pinner_of(const Options& options);

}  // namespace okcurl
