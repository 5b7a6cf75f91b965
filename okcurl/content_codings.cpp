#include "okcurl/content_codings.hpp"

#include <okhttp/content_coding.hpp>

#ifdef OKCURL_HAS_BROTLI
#include <okhttp/brotli.hpp>
#endif
#ifdef OKCURL_HAS_ZSTD
#include <okhttp/zstd.hpp>
#endif

namespace okcurl {

std::vector<std::shared_ptr<const okhttp::ContentCoding>> built_in_codings() {
  return {
#ifdef OKCURL_HAS_ZSTD
      okhttp::zstd(),
#endif
#ifdef OKCURL_HAS_BROTLI
      okhttp::brotli(),
#endif
      okhttp::ContentCoding::gzip(),
      okhttp::ContentCoding::deflate(),
  };
}

}  // namespace okcurl
