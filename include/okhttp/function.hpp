#pragma once

/// std::function, without the searchers and hash tables that libstdc++'s <functional> brings along.

#if __has_include(<bits/std_function.h>)
#include <bits/std_function.h>
#else
#include <functional>
#endif
