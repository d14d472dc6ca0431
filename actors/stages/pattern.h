// A regular expression, and the one door to the library that matches it: RE2, whose time is linear in the text whatever the
// pattern. Syntax: https://github.com/google/re2/wiki/Syntax (Perl's, without backreferences and lookaround). Immutable;
// thread safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace penstock {

class Pattern {
 public:
  /// If problem() is set the pattern matches nothing.
  explicit Pattern(const std::string& text);
  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;

  /// Whether any part of `text` (UTF-8) matches; `^` and `$` bind it to the ends.
  bool matches(std::string_view text) const;
  const std::string& text() const;

  /// Empty, or why the pattern is wrong.
  const std::string& problem() const { return problem_; }
  /// Byte of the pattern at which it is wrong.
  size_t problem_offset() const { return offset_; }

 private:
  std::unique_ptr<re2::RE2> compiled_;
  std::string problem_;
  size_t offset_ = 0;
};

}  // namespace penstock
