#include "topology/text.h"

#include <algorithm>

namespace penstock::topology {
namespace {

constexpr size_t kBlock = 256;

// Length of the UTF-8 character that starts with this byte; 0 if none does.
size_t character_length(unsigned char lead) {
  if (lead < 0x80)
    return 1;
  if (lead >= 0xc2 && lead < 0xe0)
    return 2;
  if (lead >= 0xe0 && lead < 0xf0)
    return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// Walks the raw scalar and the value that was read from it side by side. White space may have been folded, escapes
// resolved; every other character of the value stands in the raw text, in the same order.
class Aligner {
 public:
  Aligner(const Text& text, size_t offset, std::string_view value)
      : text_(text), raw_(text.text()), at_(offset), value_(value) {}

  TextMap run() {
    skip_head();
    for (size_t i = 0; i < value_.size();) {
      const size_t length = std::max<size_t>(1, character_length(static_cast<unsigned char>(value_[i])));
      if (is_blank(value_[i]) && quote_ != '"')
        blank(i);
      else if (!character(i, length))
        break;
      i += length;
    }
    return std::move(map_);
  }

 private:
  // Leaves at_ on the first byte of the content: behind an anchor, an opening quote or a block's header line.
  void skip_head() {
    while (at_ < raw_.size() && (raw_[at_] == '&' || raw_[at_] == '!')) {
      while (at_ < raw_.size() && !is_blank(raw_[at_]))
        ++at_;
      skip_blanks();
    }
    if (at_ >= raw_.size())
      return;
    if (raw_[at_] == '\'' || raw_[at_] == '"') {
      quote_ = raw_[at_++];
    } else if (raw_[at_] == '|' || raw_[at_] == '>') {
      at_ = std::min(raw_.find('\n', at_), raw_.size());
    }
  }

  void skip_blanks() {
    while (at_ < raw_.size() && is_blank(raw_[at_]))
      ++at_;
  }

  void blank(size_t i) {
    if (at_ < raw_.size() && raw_[at_] == '\n' && value_[i] == ' ') {  // folded: the space stands for the line's end
      mark(i, at_, 1);
      skip_blanks();
      return;
    }
    mark(i, at_, 1);
    if (at_ < raw_.size() && is_blank(raw_[at_]))
      ++at_;
  }

  bool character(size_t i, size_t length) {
    if (quote_ == '"' && at_ < raw_.size() && is_blank(value_[i]) && raw_[at_] == '\n') {
      blank(i);
      return true;
    }
    if (quote_ != '"' || !is_blank(value_[i]))
      skip_blanks();
    if (at_ >= raw_.size())
      return false;
    while (quote_ == '"' && raw_.substr(at_, 2) == "\\\n") {  // an escaped line's end stands for nothing
      ++at_;
      skip_blanks();
    }
    mark(i, at_, length);
    if (quote_ == '"' && at_ < raw_.size() && raw_[at_] == '\\') {
      at_ += escape_length();
      fresh_ = true;
    } else if (quote_ == '\'' && raw_.substr(at_, 2) == "''") {
      at_ += 2;
      fresh_ = true;
    } else {
      at_ += length;
      fresh_ = length > 1;
    }
    return true;
  }

  size_t escape_length() const {
    switch (at_ + 1 < raw_.size() ? raw_[at_ + 1] : ' ') {
      case 'x': return 4;
      case 'u': return 6;
      case 'U': return 10;
      default: return 2;
    }
  }

  // Byte i of the value stands at raw byte `offset`. Neighbours need no span of their own.
  void mark(size_t i, size_t offset, size_t length) {
    if (fresh_ || offset != expected_)
      map_.add(i, text_.place(std::min(offset, raw_.size())));
    expected_ = offset + length;
    fresh_ = false;
  }

  const Text& text_;
  std::string_view raw_;
  size_t at_;
  std::string_view value_;
  char quote_ = 0;
  TextMap map_;
  size_t expected_ = 0;
  bool fresh_ = true;  // the next byte's place does not follow from the one before
};

}  // namespace

Text::Text(std::string_view text) : text_(text), lines_{0} {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i % kBlock == 0)
      blocks_.push_back(count);
    count += is_continuation(text[i]) ? 0 : 1;
    if (text[i] == '\n')
      lines_.push_back(i + 1);
  }
  blocks_.push_back(count);
}

size_t Text::characters(size_t offset) const {
  offset = std::min(offset, text_.size());
  size_t count = blocks_[offset / kBlock];
  if (offset == text_.size())
    return blocks_.back();
  for (size_t i = offset / kBlock * kBlock; i < offset; ++i)
    count += is_continuation(text_[i]) ? 0 : 1;
  return count;
}

Place Text::place(size_t offset) const {
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  return {static_cast<int>(next - lines_.begin()),
          static_cast<int>(characters(offset) - characters(*std::prev(next))) + 1};
}

std::string_view Text::line(int number) const {
  if (number < 1 || static_cast<size_t>(number) > lines_.size())
    return {};
  const size_t start = lines_[static_cast<size_t>(number) - 1];
  std::string_view line = text_.substr(start, std::min(text_.find('\n', start), text_.size()) - start);
  if (!line.empty() && line.back() == '\r')
    line.remove_suffix(1);
  return line;
}

std::optional<size_t> Text::first_non_text() const {
  for (size_t i = 0; i < text_.size();) {
    const auto byte = static_cast<unsigned char>(text_[i]);
    const size_t length = character_length(byte);
    const bool control = byte < 0x20 ? byte != '\n' && byte != '\r' && byte != '\t' : byte == 0x7f;
    if (length == 0 || control || i + length > text_.size())
      return i;
    for (size_t j = 1; j < length; ++j)
      if (!is_continuation(text_[i + j]))
        return i;
    i += length;
  }
  return std::nullopt;
}

bool is_unclosed(const Text& raw, size_t offset) {
  const std::string_view text = raw.text();
  const char quote = offset < text.size() ? text[offset] : ' ';
  if (quote != '"' && quote != '\'')
    return false;
  for (size_t i = offset + 1; i < text.size(); ++i) {
    const bool escape = quote == '"' ? text[i] == '\\' : text.substr(i, 2) == "''";
    if (escape)
      ++i;
    else if (text[i] == quote)
      return false;
  }
  return true;
}

TextMap map_scalar(const Text& raw, size_t offset, std::string_view value) { return Aligner(raw, offset, value).run(); }

}  // namespace penstock::topology
