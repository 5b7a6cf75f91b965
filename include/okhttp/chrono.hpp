#pragma once

/// Durations and clocks of std::chrono. In libstdc++ the whole of <chrono>, with its calendar and streams, is among the
/// dearest headers to include; this library's own headers need none of that.

#if __has_include(<bits/chrono.h>)
#include <bits/chrono.h>
#else
#include <chrono>
#endif
