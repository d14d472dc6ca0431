#include "actors/stages/column_check.h"

#include <algorithm>
#include <limits>

#include "messages/decode_error.h"

namespace penstock {
namespace {

bool is_text(Type type) { return type == Type::kString || type == Type::kJson; }

template <class Good>
void find_if_not(const Column& column, std::vector<size_t>& wrong, const Good& good) {
  for (size_t row = 0; row < column.size(); ++row)
    if (!good(row) && !column.is_null(row))
      wrong.push_back(row);
}

std::string range_text(const ColumnPtr& least, const ColumnPtr& most) {
  if (least && most)
    return least->to_string(0) + " to " + most->to_string(0);
  return least ? "at least " + least->to_string(0) : "at most " + most->to_string(0);
}

class Range final : public ColumnCheck {
 public:
  Range(const ColumnPtr& least, const ColumnPtr& most)
      : ColumnCheck(range_text(least, most)), least_(least), most_(most) {}

 private:
  void find(const Column& column, std::vector<size_t>& wrong) const override {
    if (column.type() == Type::kFloat64)
      within(column, column.float64s(), least_ ? least_->float64s()[0] : -std::numeric_limits<double>::infinity(),
             most_ ? most_->float64s()[0] : std::numeric_limits<double>::infinity(), wrong);
    else
      within(column, column.int64s(), least_ ? least_->int64s()[0] : std::numeric_limits<int64_t>::min(),
             most_ ? most_->int64s()[0] : std::numeric_limits<int64_t>::max(), wrong);
  }
  template <class T>
  static void within(const Column& column, std::span<const T> values, T least, T most, std::vector<size_t>& wrong) {
    find_if_not(column, wrong, [=](size_t row) { return values[row] >= least && values[row] <= most; });
  }

  ColumnPtr least_, most_;
};

std::string list_text(const Column& allowed) {
  constexpr size_t kShown = 12;
  std::string out = "one of ";
  for (size_t i = 0; i < std::min(allowed.size(), kShown); ++i)
    out += (i == 0 ? "" : ", ") + allowed.to_string(i);
  return out + (allowed.size() > kShown ? " and " + std::to_string(allowed.size() - kShown) + " more" : "");
}

class OneOf final : public ColumnCheck {
 public:
  explicit OneOf(const ColumnPtr& allowed) : ColumnCheck(list_text(*allowed)), allowed_(allowed) {
    for (size_t row = 0; row < allowed->size(); ++row) {
      switch (allowed->type()) {
        case Type::kBool: numbers_.push_back(allowed->bools()[row]); break;
        case Type::kInt64:
        case Type::kTimestamp: numbers_.push_back(allowed->int64s()[row]); break;
        case Type::kFloat64: floats_.push_back(allowed->float64s()[row]); break;
        case Type::kString:
        case Type::kJson: texts_.push_back(allowed->string(row)); break;
      }
    }
    std::sort(numbers_.begin(), numbers_.end());
    std::sort(floats_.begin(), floats_.end());
    std::sort(texts_.begin(), texts_.end());
  }

 private:
  void find(const Column& column, std::vector<size_t>& wrong) const override {
    const auto among = [](const auto& sorted, auto value) {
      return std::binary_search(sorted.begin(), sorted.end(), value);
    };
    if (is_text(column.type()))
      find_if_not(column, wrong, [&](size_t row) { return among(texts_, column.string(row)); });
    else if (column.type() == Type::kFloat64)
      find_if_not(column, wrong, [&](size_t row) {
        const double value = column.float64s()[row];
        return value == value && among(floats_, value);  // NaN has no place in an order
      });
    else if (column.type() == Type::kBool)
      find_if_not(column, wrong, [&](size_t row) { return among(numbers_, int64_t{column.bools()[row]}); });
    else
      find_if_not(column, wrong, [&](size_t row) { return among(numbers_, column.int64s()[row]); });
  }

  ColumnPtr allowed_;  // holds the texts
  std::vector<int64_t> numbers_;
  std::vector<double> floats_;
  std::vector<std::string_view> texts_;
};

class Matches final : public ColumnCheck {
 public:
  explicit Matches(std::shared_ptr<const Pattern> pattern)
      : ColumnCheck("a match of " + pattern->text()), pattern_(std::move(pattern)) {}

 private:
  void find(const Column& column, std::vector<size_t>& wrong) const override {
    find_if_not(column, wrong, [&](size_t row) { return pattern_->matches(column.string(row)); });
  }

  std::shared_ptr<const Pattern> pattern_;
};

std::string length_text(size_t least, size_t most) {
  const auto characters = [](size_t count) {
    return std::to_string(count) + (count == 1 ? " character" : " characters");
  };
  if (most == SIZE_MAX)
    return "at least " + characters(least);
  return least == 0 ? "at most " + characters(most) : std::to_string(least) + " to " + characters(most);
}

class Length final : public ColumnCheck {
 public:
  Length(size_t least, size_t most) : ColumnCheck(length_text(least, most)), least_(least), most_(most) {}

 private:
  void find(const Column& column, std::vector<size_t>& wrong) const override {
    find_if_not(column, wrong, [&](size_t row) {
      const std::string_view text = column.string(row);
      const auto characters = static_cast<size_t>(std::count_if(
          text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
      return characters >= least_ && characters <= most_;
    });
  }

  size_t least_, most_;
};

}  // namespace

std::string expected_found(const std::string& expected, const Column& column, size_t row) {
  const std::string value = shorten(column.to_string(row));
  return "expected " + expected + ", found " + (is_text(column.type()) ? "\"" + value + "\"" : value);
}

void ColumnCheck::check(const std::string& name, const Column& column, std::vector<Fault>& faults) const {
  std::vector<size_t> wrong;
  find(column, wrong);
  for (const size_t row : wrong)
    faults.push_back({row, name + ": " + expected_found(expected_, column, row)});
}

ColumnCheckPtr range_check(const ColumnPtr& least, const ColumnPtr& most) {
  return std::make_shared<Range>(least, most);
}
ColumnCheckPtr one_of_check(const ColumnPtr& allowed) { return std::make_shared<OneOf>(allowed); }
ColumnCheckPtr pattern_check(std::shared_ptr<const Pattern> pattern) {
  return std::make_shared<Matches>(std::move(pattern));
}
ColumnCheckPtr length_check(size_t least, size_t most) { return std::make_shared<Length>(least, most); }

}  // namespace penstock
