#include "sql/like.h"

#include <optional>

#include "sql/functions.h"
#include "sql/utf8.h"

namespace penstock::sql {

LikePattern::LikePattern(std::string_view pattern, std::string_view escape) {
  if (utf8_count(escape) > 1) {
    problem_ = "the ESCAPE of LIKE must be one character";
    return;
  }
  Part part;
  const auto finish = [&] {
    parts_.push_back(std::move(part));
    part = {};
  };
  while (!pattern.empty()) {
    const bool escaped = !escape.empty() && pattern.starts_with(escape);
    if (escaped) {
      pattern.remove_prefix(escape.size());
      if (pattern.empty()) {
        problem_ = "a LIKE pattern must not end with the escape character";
        return;
      }
    } else if (pattern.front() == '%' || pattern.front() == '_') {
      if (!part.text.empty())
        finish();
      part.any = part.any || pattern.front() == '%';
      part.skip += pattern.front() == '_';
      pattern.remove_prefix(1);
      continue;
    }
    const size_t length = std::min(utf8_length(pattern.front()), pattern.size());
    part.text.append(pattern.substr(0, length));
    pattern.remove_prefix(length);
  }
  finish();
}

bool LikePattern::matches(std::string_view text) const { return !problem_ && match_from(0, text); }

// Greedy: after a `%` the first place where the rest up to the next `%` fits is as good as any later one, except for the last
// part, which must end where the text ends. So no backtracking beyond one part is needed.
bool LikePattern::match_from(size_t part, std::string_view text) const {
  const auto skip = [](std::string_view& from, size_t count) {
    while (count > 0 && !from.empty()) {
      from.remove_prefix(std::min(utf8_length(from.front()), from.size()));
      --count;
    }
    return count == 0;
  };
  // The parts up to the next `%`, which follow each other with exact gaps. True if they fit at the front of `from`.
  const auto fits = [&](size_t first, size_t end, bool last, std::string_view& from) {
    std::string_view rest = from;
    for (size_t i = first; i < end; ++i) {
      if (i > first && !skip(rest, parts_[i].skip))
        return false;
      if (!rest.starts_with(parts_[i].text))
        return false;
      rest.remove_prefix(parts_[i].text.size());
    }
    if (last && !rest.empty())
      return false;
    from = rest;
    return true;
  };
  while (part < parts_.size()) {
    const Part& head = parts_[part];
    if (!skip(text, head.skip))
      return false;
    size_t end = part + 1;
    while (end < parts_.size() && !parts_[end].any)
      ++end;
    const bool last = end == parts_.size();
    if (!head.any) {
      if (!fits(part, end, last, text))
        return false;
    } else if (last && end == part + 1) {
      return text.ends_with(head.text);
    } else {
      while (!fits(part, end, last, text)) {
        if (text.empty())
          return false;
        if (!head.text.empty()) {
          const size_t found = text.find(head.text, 1);
          if (found == std::string_view::npos)
            return false;
          text.remove_prefix(found);
        } else {
          skip(text, 1);
        }
      }
    }
    part = end;
  }
  return text.empty() || (!parts_.empty() && parts_.back().any && parts_.back().text.empty());
}

namespace {

// Patterns are nearly always constant, or at least the same for runs of rows: the last one is kept compiled.
Vector like(const Call& call) {
  const Reader<std::string_view> text(call.args[0]);
  const Reader<std::string_view> pattern(call.args[1]);
  auto* out = call.context.column<uint8_t>();
  if (call.args[1].constant && call.args.size() == 2) {
    const LikePattern compiled(pattern[0]);
    each(call.rows, [&](size_t row) {
      out[row] = compiled.matches(text[row]);
      if (compiled.problem())
        call.error(row, compiled.problem());
    });
    return vector_of(out);
  }
  std::optional<LikePattern> compiled;
  std::string_view last_pattern, last_escape;
  const Reader<std::string_view> escape(call.args.back());
  each(call.rows, [&](size_t row) {
    const std::string_view by = call.args.size() == 3 ? escape[row] : "\\";
    if (!compiled || pattern[row] != last_pattern || by != last_escape)
      compiled.emplace(last_pattern = pattern[row], last_escape = by);
    out[row] = compiled->matches(text[row]);
    if (compiled->problem())
      call.error(row, compiled->problem());
  });
  return vector_of(out);
}

}  // namespace

std::span<const Function> like_functions() {
  using enum Type;
  static const std::vector<Function> list = {
      {"like", {kString, kString}, kBool, like, Fails::kYes},
      {"like", {kString, kString, kString}, kBool, like, Fails::kYes},
  };
  return list;
}

}  // namespace penstock::sql
