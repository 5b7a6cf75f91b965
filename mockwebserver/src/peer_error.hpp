#pragma once

#include <okhttp/error.hpp>
#include <okhttp/task.hpp>

#include <utility>

#include "peer.hpp"

namespace okhttp::internal {

/// What a user's handler sees of a connection that can do no more.
template <class T>
Task<T> with_public_error(Task<T> work) {
  try {
    co_return co_await std::move(work);
  } catch (const PeerGone& gone) {
    throw Error(Errc::connection_closed, Blame::peer, gone.what());
  }
}

}  // namespace okhttp::internal
