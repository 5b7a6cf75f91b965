#include "cache/cache_strategy.hpp"

#include <algorithm>
#include <utility>

#include "cache/cache_key.hpp"
#include "cache/storability.hpp"
#include "cache/validation.hpp"

namespace okhttp::internal {
namespace {

using Action = CacheStrategy::Action;
using Found = CacheStore::Found;

/// Which of two that match is better: one that is complete, then the one that the origin gave later (RFC 9111 §4.1).
bool is_better(const Found& a, const Found& b) {
  if (a.head->part.has_value() != b.head->part.has_value()) return !a.head->part.has_value();
  const auto date_of = [](const Found& found) {
    return found.head->headers.get_date("Date").value_or(found.head->received_response_at);
  };
  const WallTime left = date_of(a);
  const WallTime right = date_of(b);
  return left != right ? left > right : a.id > b.id;
}

/// RFC 9110 §13.1.5: the range is only meant if what is stored is what the client has the rest of.
bool if_range_matches(const Request& request, const Headers& stored) noexcept {
  const auto condition = request.header("If-Range");
  if (!condition.has_value()) return true;
  if (is_strong_etag(*condition)) return stored.get("ETag") == condition;
  if (stored.contains("ETag") || stored.get("Last-Modified") != condition) return false;
  // RFC 9110 §8.8.2.2: the date alone does not tell two versions of one second apart.
  const auto modified = stored.get_date("Last-Modified");
  const auto sent = stored.get_date("Date");
  return modified.has_value() && sent.has_value() && *modified + Seconds(1) <= *sent;
}

/// One decision on its way: each step narrows what may be done.
class Decision {
 public:
  Decision(const Request& request, WallTime now, bool is_refresh)
      : request_(request), wants_(request.cache_control()), now_(now), is_refresh_(is_refresh) {}

  CacheStrategy decide(const std::vector<Found>& candidates) {
    if (!is_kept()) return ask_network(CacheReason::method);
    if (wants_.no_store()) return ask_network(CacheReason::request_no_store);
    if (is_conditional(request_)) return ask_network(CacheReason::request_conditional);
    if (const auto obstacle = choose(candidates)) return ask_network(*obstacle);
    if (const auto obstacle = choose_slice()) return ask_network(*obstacle);
    return judge();
  }

 private:
  [[nodiscard]] bool is_kept() const noexcept { return is_get_or_head() || request_.cache_url_override() != nullptr; }
  [[nodiscard]] bool is_get_or_head() const noexcept {
    return request_.method() == "GET" || request_.method() == "HEAD";
  }

  std::optional<CacheReason> choose(const std::vector<Found>& candidates) {
    std::optional<CacheReason> obstacle = CacheReason::nothing_stored;
    for (const Found& found : candidates) {
      const Headers& headers = found.head->headers;
      if (request_.is_https() && found.head->handshake == nullptr) {
        result_.useless.push_back(found.id);
        if (obstacle.has_value()) obstacle = CacheReason::no_handshake;
        continue;
      }
      if (varies_by_everything(headers) || found.head->variant != variant_of(request_, headers)) {
        if (obstacle == CacheReason::nothing_stored) obstacle = CacheReason::no_variant;
        continue;
      }
      obstacle.reset();
      if (!result_.stored.has_value() || is_better(found, *result_.stored)) result_.stored = found;
    }
    return obstacle;
  }

  /// Which part of what is stored answers, if the request is for a range.
  std::optional<CacheReason> choose_slice() {
    const CachedResponse& head = *result_.stored->head;
    const auto value = request_.header("Range");
    const bool asks_for_range = value.has_value() && request_.method() == "GET";
    if (!asks_for_range) return head.part.has_value() ? std::optional(CacheReason::incomplete) : std::nullopt;
    // RFC 9110 §14.2: only what would be 200 has ranges.
    if (head.code != 200 && !head.part.has_value()) return std::nullopt;
    // A range of a coded body is of use to him alone who expects it coded.
    const bool is_coded = head.headers.contains("Content-Encoding");
    if (is_coded && !request_.headers().contains("Accept-Encoding")) return CacheReason::range;
    const std::optional<ByteRange> range = parse_range(*value);
    if (!range.has_value() || !if_range_matches(request_, head.headers)) return CacheReason::range;
    const std::uint64_t complete = head.part.has_value() ? head.part->complete_length : result_.stored->body_size;
    result_.slice = slice_of(*range, complete);
    if (!result_.slice.has_value()) return CacheReason::range;
    if (!head.part.has_value()) return std::nullopt;
    const std::uint64_t end = head.part->begin + result_.stored->body_size;
    const bool is_held = result_.slice->begin >= head.part->begin && result_.slice->end <= end;
    return is_held ? std::nullopt : std::optional(CacheReason::range);
  }

  CacheStrategy judge() {
    const CachedResponse& head = *result_.stored->head;
    const CacheControl says = CacheControl::parse(head.headers);
    // RFC 9110 §9.3.3: what answers a POST is kept only as far as it says so itself.
    const bool may_guess = is_get_or_head() && !request_.url().encoded_query().has_value();
    const std::optional<Seconds> age = current_age(head, now_);
    const Seconds lifetime = freshness_lifetime(head, says, may_guess);
    result_.age = age.value_or(Seconds::zero());
    // RFC 9111 §5.2.2.4: only the form that names no fields is about the whole response.
    const bool forbids_reuse = says.no_cache() && says.no_cache_fields().empty();
    // RFC 9111 §4.2.4.
    const bool may_be_stale = age.has_value() && !forbids_reuse && !says.must_revalidate() && !wants_.no_cache();
    if (may_be_stale) result_.serves_on_error = is_within_error_window(says, lifetime);

    if (is_refresh_) return validate(CacheReason::background_refresh);
    if (!age.has_value()) return validate(CacheReason::clock_went_back);
    if (forbids_reuse) return validate(CacheReason::response_no_cache);
    if (wants_.no_cache()) return validate(CacheReason::request_no_cache);

    const Seconds needed = *age + wants_.min_fresh().value_or(Seconds::zero());
    const Seconds accepted = std::min(lifetime, wants_.max_age().value_or(lifetime));
    const Seconds tolerated = may_be_stale ? wants_.max_stale().value_or(Seconds::zero()) : Seconds::zero();
    if (needed < accepted + tolerated) {
      return serve(*age < lifetime ? CacheReason::fresh : CacheReason::accepted_stale);
    }
    // RFC 8246 §2: a reload does not concern what cannot have changed.
    if (says.immutable() && needed < lifetime) return serve(CacheReason::immutable);
    const bool has_limits = wants_.max_age().has_value() || wants_.min_fresh().has_value();
    if (*age < lifetime) {
      return validate(wants_.max_age().has_value() && *age >= *wants_.max_age() ? CacheReason::request_max_age
                                                                                : CacheReason::request_min_fresh);
    }
    if (may_be_stale && !has_limits && says.stale_while_revalidate().has_value() &&
        *age < lifetime + *says.stale_while_revalidate()) {
      result_.refreshes = !wants_.only_if_cached();
      return serve(CacheReason::stale_while_revalidate);
    }
    return validate(CacheReason::expired);
  }

  /// RFC 5861 §4: response and request may both allow it.
  [[nodiscard]] bool is_within_error_window(const CacheControl& says, Seconds lifetime) const noexcept {
    const Seconds window =
        std::max(says.stale_if_error().value_or(Seconds(-1)), wants_.stale_if_error().value_or(Seconds(-1)));
    return window >= Seconds::zero() && result_.age < lifetime + window;
  }

  CacheStrategy serve(CacheReason reason) {
    result_.action = Action::serve;
    result_.reason = reason;
    return std::move(result_);
  }

  CacheStrategy validate(CacheReason reason) {
    // RFC 9110 §13.1.2: to other methods If-None-Match says that nothing is to be done.
    if (is_get_or_head()) result_.network_request = conditional(request_, *result_.stored->head);
    if (!result_.network_request.has_value()) return ask_network(CacheReason::no_validator);
    result_.reason = reason;
    result_.action = wants_.only_if_cached() ? Action::unsatisfiable : Action::validate;
    return std::move(result_);
  }

  CacheStrategy ask_network(CacheReason reason) {
    result_.reason = reason;
    result_.action = wants_.only_if_cached() ? Action::unsatisfiable : Action::network;
    // What is stored may still answer if the origin fails, but only if it is what was asked for.
    if (reason != CacheReason::no_validator) result_.stored.reset();
    return std::move(result_);
  }

  const Request& request_;
  const CacheControl wants_;
  const WallTime now_;
  const bool is_refresh_;
  CacheStrategy result_;
};

}  // namespace

CacheStrategy CacheStrategy::decide(const Request& request, const std::vector<Found>& candidates, WallTime now,
                                    bool is_refresh) {
  return Decision(request, now, is_refresh).decide(candidates);
}

}  // namespace okhttp::internal
