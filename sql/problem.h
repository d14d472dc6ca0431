// What is wrong with a piece of SQL, and where: the checker of topologies turns it into a line, a column and a caret.
// Plain values; safe to copy between threads.
#pragma once

#include <cassert>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>

namespace penstock::sql {

struct Problem {
  size_t offset = 0;    // byte in the given text
  std::string message;  // one sentence without a trailing full stop
  std::string hint;     // what would be right (often the nearest known name), or empty
  bool operator==(const Problem&) const = default;
};

/// A value, or the problem that says why there is none.
template <class T>
class [[nodiscard]] Checked {
 public:
  Checked(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  Checked(Problem problem) : content_(std::in_place_index<1>, std::move(problem)) {}

  bool ok() const { return content_.index() == 0; }
  // Requires: !ok().
  const Problem& problem() const { return std::get<1>(content_); }
  // Requires of each: ok().
  T& value() & { return std::get<0>(content_); }
  const T& value() const& { return std::get<0>(content_); }
  T&& value() && { return std::get<0>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Problem> content_;
};

}  // namespace penstock::sql
