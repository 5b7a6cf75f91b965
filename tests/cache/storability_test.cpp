#include "cache/storability.hpp"

#include <gtest/gtest.h>

#include "cache/stored.hpp"

namespace okhttp::internal {
namespace {

bool stores(int code, const Fields& fields, const Fields& request = {}) {
  return may_store(get(request), response(code, fields));
}

// RFC 9111 §3

TEST(StorabilityTest, CodesThatMayBeGuessedForNeedNoExplicitLifetime) {
  for (const int code : {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501}) EXPECT_TRUE(stores(code, {})) << code;
}

TEST(StorabilityTest, OtherCodesNeedOne) {
  for (const int code : {201, 302, 303, 307, 400, 403, 500, 503, 599}) {
    EXPECT_FALSE(stores(code, {})) << code;
    EXPECT_TRUE(stores(code, {{"Cache-Control", "max-age=1"}})) << code;
    EXPECT_TRUE(stores(code, {{"Cache-Control", "private"}})) << code;
    EXPECT_TRUE(stores(code, {{"Cache-Control", "public"}})) << code;
    EXPECT_TRUE(stores(code, {{"Expires", date(Seconds(1))}})) << code;
  }
}

TEST(StorabilityTest, CodesAboutTheExchangeAreNeverStored) {
  for (const int code : {101, 304, 407, 408, 412, 416, 421, 425}) {
    EXPECT_FALSE(stores(code, {{"Cache-Control", "max-age=1"}})) << code;
  }
}

// RFC 9111 §5.2.1.5, §5.2.2.5
TEST(StorabilityTest, NoStoreOfEitherSideIsObeyed) {
  EXPECT_FALSE(stores(200, {{"Cache-Control", "no-store, max-age=60"}}));
  EXPECT_FALSE(stores(200, {{"Cache-Control", "max-age=60"}}, {{"Cache-Control", "no-store"}}));
}

// RFC 9111 §5.2.2.3
TEST(StorabilityTest, MustUnderstandOutweighsNoStoreForCodesThatAreUnderstood) {
  EXPECT_TRUE(stores(200, {{"Cache-Control", "must-understand, no-store, max-age=60"}}));
  EXPECT_FALSE(stores(599, {{"Cache-Control", "must-understand, no-store, max-age=60"}}));
  EXPECT_FALSE(stores(599, {{"Cache-Control", "must-understand, max-age=60"}}));
}

// RFC 9111 §3.5, §5.2.2.7: these bind shared caches.
TEST(StorabilityTest, APrivateCacheKeepsPrivateAndAuthorisedResponses) {
  EXPECT_TRUE(stores(200, {{"Cache-Control", "private"}}));
  EXPECT_TRUE(stores(200, {}, {{"Authorization", "Basic x"}}));
}

// RFC 9111 §4.1
TEST(StorabilityTest, VaryByEverythingIsNotStored) {
  EXPECT_FALSE(stores(200, {{"Vary", "*"}}));
  EXPECT_FALSE(stores(200, {{"Vary", "Accept"}, {"Vary", "Cookie , *"}}));
  EXPECT_TRUE(stores(200, {{"Vary", "Accept"}}));
}

// RFC 9111 §3.3
TEST(StorabilityTest, APartIsStoredOnlyWithAStrongETagAndACompleteLength) {
  EXPECT_TRUE(stores(206, {{"ETag", "\"v\""}, {"Content-Range", "bytes 0-4/10"}}));
  EXPECT_FALSE(stores(206, {{"ETag", "W/\"v\""}, {"Content-Range", "bytes 0-4/10"}}));
  EXPECT_FALSE(stores(206, {{"Content-Range", "bytes 0-4/10"}}));
  EXPECT_FALSE(stores(206, {{"ETag", "\"v\""}, {"Content-Range", "bytes 0-4/*"}}));
  EXPECT_FALSE(stores(206, {{"ETag", "\"v\""}, {"Content-Type", "multipart/byteranges; boundary=x"}}));
}

// RFC 9110 §9.2.1
TEST(StorabilityTest, UnknownMethodsAreTakenForUnsafe) {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND"}) EXPECT_TRUE(is_safe(method));
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "MOVE", "FROB"}) EXPECT_FALSE(is_safe(method));
}

}  // namespace
}  // namespace okhttp::internal
