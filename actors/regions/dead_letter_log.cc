#include "actors/regions/dead_letter_log.h"

#include <algorithm>
#include <map>

#include "actors/regions/dead_letters.h"
#include "actors/regions/letter_reason.h"

namespace penstock {
namespace {

constexpr uint64_t kWindow = 512;  // letters read at once
constexpr uint64_t kSummaryLooksAt = 200'000;
constexpr uint64_t kPageLooksAt = 50'000;  // letters looked at for one page
constexpr int64_t kDisorder = 60'000'000;  // µs: letters stand in the order of their times but for this
constexpr const char* kLog = kDeadLettersLog;

DeadLetter letter_at(const RecordBatch& batch, size_t row, Offset number) {
  const auto text = [&](size_t column) { return std::string(batch.column(column)->string(row)); };
  DeadLetter letter{number, text(0), text(1), text(2), text(3), {}, {}, text(6), {}};
  if (!batch.column(4)->is_null(row))
    letter.partition = Partition(static_cast<uint32_t>(batch.column(4)->int64s()[row]));
  if (!batch.column(5)->is_null(row))
    letter.offset = Offset(static_cast<uint64_t>(batch.column(5)->int64s()[row]));
  letter.at = Timestamp{batch.column(7)->int64s()[row]};
  return letter;
}

bool fits_itself(const LetterFilter& filter, const DeadLetter& letter) {
  return (filter.stage.empty() || filter.stage == letter.stage) &&
         (filter.reason.empty() || letter.reason.find(filter.reason) != std::string::npos) &&
         (!filter.since || letter.at >= *filter.since) && (!filter.until || letter.at < *filter.until) &&
         (filter.numbers.empty() ||
          std::find(filter.numbers.begin(), filter.numbers.end(), letter.number) != filter.numbers.end());
}

}  // namespace

Result<std::vector<DeadLetter>> DeadLetterLog::read(Offset begin, Offset end) const {
  std::vector<DeadLetter> letters;
  while (begin < end) {
    PENSTOCK_ASSIGN(const auto entry, entries_.at(kLog, Partition(0), begin, dead_letter_schema()));
    if (!entry)
      break;
    for (Offset number = std::max(begin, entry->first); number < std::min(end, entry->end()); number = number.next())
      letters.push_back(letter_at(*entry->batch, number.value() - entry->first.value(), number));
    begin = entry->end();
  }
  return letters;
}

Result<std::optional<LetterMark>> DeadLetterLog::mark(Offset number) const {
  PENSTOCK_ASSIGN(const auto value, store_.get(kDeadLetterMarks, letter_key(number)));
  if (!value)
    return std::optional<LetterMark>();
  PENSTOCK_ASSIGN(LetterMark mark, decode_mark(*value));
  return std::optional(std::move(mark));
}

Result<bool> DeadLetterLog::fits(const LetterFilter& filter, DeadLetter& letter) const {
  if (!fits_itself(filter, letter))
    return false;
  PENSTOCK_ASSIGN(const auto found, mark(letter.number));
  if (found && found->purged)
    return false;
  if (found && found->replayed.times > 0)
    letter.replayed = found->replayed;
  return !filter.replayed || *filter.replayed == letter.replayed.has_value();
}

Result<std::optional<Offset>> DeadLetterLog::each(const LetterFilter& filter, std::optional<Offset> from,
                                                  uint64_t look_at_most, const Visit& visit) const {
  PENSTOCK_ASSIGN(const LogRange range, store_.range(kLog, Partition(0)));
  Offset end = range.next;
  if (from)
    end = std::min(end, from->next());
  if (!filter.numbers.empty())
    end = std::min(end, std::max_element(filter.numbers.begin(), filter.numbers.end())->next());
  const Offset least = filter.numbers.empty()
                           ? range.first
                           : std::max(range.first, *std::min_element(filter.numbers.begin(), filter.numbers.end()));
  for (uint64_t looked = 0; end > least; looked += kWindow) {
    if (looked >= look_at_most)
      return std::optional(Offset(end.value() - 1));
    const Offset begin(end.value() - std::min(kWindow, end.value() - least.value()));
    PENSTOCK_ASSIGN(std::vector<DeadLetter> letters, read(begin, end));
    for (auto letter = letters.rbegin(); letter != letters.rend(); ++letter) {
      const Offset number = letter->number;
      const Timestamp at = letter->at;
      PENSTOCK_ASSIGN(const bool wanted, fits(filter, *letter));
      if (wanted && !visit(std::move(*letter)))
        return std::optional(number);
      if (filter.since && at.micros < filter.since->micros - kDisorder)
        return std::optional<Offset>();  // all others are older
    }
    end = begin;
  }
  return std::optional<Offset>();
}

Result<LetterPage> DeadLetterLog::list(const LetterFilter& filter, std::optional<Offset> from, size_t limit) const {
  LetterPage page;
  PENSTOCK_ASSIGN(page.next, each(filter, from, kPageLooksAt, [&](DeadLetter&& letter) {
                    if (page.letters.size() == limit)
                      return false;
                    page.letters.push_back(std::move(letter));
                    return true;
                  }));
  return page;
}

Result<LetterSummary> DeadLetterLog::summary(const LetterFilter& filter) const {
  LetterSummary summary;
  std::map<std::pair<std::string, std::string>, LetterGroup> groups;
  PENSTOCK_ASSIGN(summary.older, each(filter, {}, kSummaryLooksAt, [&](DeadLetter&& letter) {
                    for (const std::string& rule : reason_rules(letter.reason)) {
                      const std::string kind = rule_kind(rule);
                      LetterGroup& group = groups[{letter.stage, kind}];
                      if (group.letters++ == 0)
                        group = {letter.stage, kind, 1, 0, letter.at, letter.number};
                      group.replayed += letter.replayed ? 1 : 0;
                    }
                    return true;
                  }));
  for (auto& [key, group] : groups)
    summary.groups.push_back(std::move(group));
  std::stable_sort(summary.groups.begin(), summary.groups.end(),
                   [](const LetterGroup& a, const LetterGroup& b) { return a.letters > b.letters; });
  return summary;
}

Status DeadLetterLog::forget_marks(WriteBatch& write, size_t most) const {
  PENSTOCK_ASSIGN(const LogRange range, store_.range(kLog, Partition(0)));
  const std::string first = letter_key(range.first);
  size_t left = most;
  return store_.scan(kDeadLetterMarks, "", [&](std::string_view key, std::string_view) {
    if (key >= first || left == 0)
      return false;
    write.erase(kDeadLetterMarks, std::string(key));
    --left;
    return true;
  });
}

Result<DeadLetterLog::Waiting> DeadLetterLog::waiting(uint64_t changes) const {
  PENSTOCK_ASSIGN(const LogRange range, store_.range(kLog, Partition(0)));
  const std::lock_guard lock(mutex_);
  if (!marked_ || marked_->first != range.first || marked_->changes != changes) {
    Marked now{range.first, changes, 0, range.first};
    PENSTOCK_TRY(store_.scan(kDeadLetterMarks, "", [&](std::string_view key, std::string_view) {
      if (key >= letter_key(range.first))
        ++now.letters;
      if (key == letter_key(now.oldest_unmarked))
        now.oldest_unmarked = Offset(now.oldest_unmarked.value() + 1);
      return true;
    }));
    marked_ = now;
  }
  Waiting out{range.next.value() - range.first.value() - marked_->letters, {}};
  if (marked_->oldest_unmarked >= range.next)
    return out;
  PENSTOCK_ASSIGN(const auto entries, store_.read(kLog, Partition(0), marked_->oldest_unmarked, 0));
  if (!entries.empty())
    out.oldest = entries.front().appended;
  return out;
}

Result<DeadLetter> DeadLetterLog::get(Offset number) const {
  PENSTOCK_ASSIGN(LetterPage page, list({.numbers = {number}}, {}, 1));
  if (!page.letters.empty())
    return std::move(page.letters.front());
  PENSTOCK_ASSIGN(const LogRange range, store_.range(kLog, Partition(0)));
  PENSTOCK_ASSIGN(const auto found, mark(number));
  const std::string what = "there is no dead letter " + std::to_string(number.value());
  if (found && found->purged)
    return not_found(what + ": it was purged");
  if (range.next == Offset(0))
    return not_found(what + ": there are none at all");
  return not_found(what + "; the log holds " + std::to_string(range.first.value()) + " to " +
                   std::to_string(range.next.value() - 1));
}

Result<std::vector<Offset>> DeadLetterLog::numbers(const LetterFilter& filter) const {
  std::vector<Offset> out;
  PENSTOCK_TRY(each(filter, {}, UINT64_MAX, [&](DeadLetter&& letter) {
                 out.push_back(letter.number);
                 return true;
               }).status());
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace penstock
