#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "support/codings.hpp"

namespace okhttp {

/// A content coding as the parameter of a test.
struct Coding {
  Coding() = default;
  explicit Coding(std::shared_ptr<const ContentCoding> of) : coding(std::move(of)) {}
  [[nodiscard]] std::string name() const { return std::string(coding->name()); }
  std::shared_ptr<const ContentCoding> coding;
};

inline std::string name_of(const Coding& coding) { return coding.name(); }
inline void PrintTo(const Coding& coding, std::ostream* out) { *out << coding.name(); }

inline auto every_coding() {
  std::vector<Coding> codings;
  for (auto& one : built_in_codings()) codings.emplace_back(std::move(one));
  return ::testing::ValuesIn(codings);
}

inline std::string encoded(const Coding& coding, const std::string& plain) { return encoded(*coding.coding, plain); }

}  // namespace okhttp
