#include "actors/aggregators/outcome_join.h"

#include <algorithm>

#include "messages/byte_io.h"

namespace penstock {
namespace {

void append_text(std::string_view text, std::string& out) {
  append_number(static_cast<uint32_t>(text.size()), out);
  out += text;
}

std::string read_text(ByteReader& reader) { return std::string(reader.bytes(reader.number<uint32_t>())); }

int64_t plus(int64_t at, int64_t more) {
  int64_t sum = 0;
  return __builtin_add_overflow(at, more, &sum) ? INT64_MAX : sum;
}

}  // namespace

bool OutcomeJoin::fits(const Impression& impression, const Outcome& outcome) const {
  return (options_.first_only || impression.at <= outcome.at) &&
         outcome.at.micros <= plus(impression.at.micros, options_.within.micros) &&
         (!options_.by_item || impression.item == outcome.item);
}

OutcomeJoin::Entry& OutcomeJoin::entry_of(const std::string& key) {
  const auto [entry, fresh] = entries_.try_emplace(key);
  if (fresh)
    bytes_ += bytes_of(entry->second);
  return entry->second;
}

void OutcomeJoin::shown(const std::string& key, Impression impression) {
  moved_ = moved_ || impression.at.micros > newest_shown_;
  newest_shown_ = std::max(newest_shown_, impression.at.micros);
  Entry& entry = entry_of(key);
  bytes_ -= bytes_of(entry);
  bool open = true;
  std::vector<Outcome> waiting;
  waiting.swap(entry.waiting);
  for (Outcome& outcome : waiting) {
    if (!open || !fits(impression, outcome)) {
      entry.waiting.push_back(std::move(outcome));
      continue;
    }
    matched_(key, impression, outcome);
    open = !options_.first_only;
  }
  if (open) {
    shown_ends_.emplace(plus(impression.at.micros, options_.within.micros), key);
    entry.shown.push_back(std::move(impression));
  }
  bytes_ += bytes_of(entry);
  touch(key);
}

void OutcomeJoin::happened(const std::string& key, Outcome outcome) {
  moved_ = moved_ || outcome.at.micros > newest_happened_;
  newest_happened_ = std::max(newest_happened_, outcome.at.micros);
  if (plus(outcome.at.micros, kSlack.micros) < newest_shown_ && !entries_.contains(key))
    return;  // its impression would be here
  Entry& entry = entry_of(key);
  bytes_ -= bytes_of(entry);
  auto latest = entry.shown.end();
  for (auto it = entry.shown.begin(); it != entry.shown.end(); ++it)
    if (fits(*it, outcome) && (latest == entry.shown.end() || latest->at <= it->at))
      latest = it;
  if (latest != entry.shown.end()) {
    matched_(key, *latest, outcome);
    if (options_.first_only)
      entry.shown.erase(latest);
  } else {
    waiting_ends_.emplace(outcome.at.micros, key);
    entry.waiting.push_back(std::move(outcome));
  }
  bytes_ += bytes_of(entry);
  touch(key);
}

void OutcomeJoin::drop_waiting(const std::string& key, int64_t at) {
  const auto found = entries_.find(key);
  if (found == entries_.end())
    return;
  bytes_ -= bytes_of(found->second);
  std::erase_if(found->second.waiting, [&](const Outcome& outcome) { return outcome.at.micros <= at; });
  bytes_ += bytes_of(found->second);
  touch(key);
}

void OutcomeJoin::expire() {
  while (!shown_ends_.empty() && shown_ends_.begin()->first < std::min(newest_shown_, newest_happened_)) {
    const auto [end, key] = *shown_ends_.begin();
    shown_ends_.erase(shown_ends_.begin());
    const auto found = entries_.find(key);
    if (found == entries_.end())
      continue;
    Entry& entry = found->second;
    bytes_ -= bytes_of(entry);
    for (size_t i = 0; i < entry.shown.size();) {
      if (plus(entry.shown[i].at.micros, options_.within.micros) > end) {
        ++i;
        continue;
      }
      expired_(key, entry.shown[i]);
      entry.shown.erase(entry.shown.begin() + static_cast<ptrdiff_t>(i));
    }
    bytes_ += bytes_of(entry);
    touch(key);
  }
  while (!waiting_ends_.empty() &&
         (plus(waiting_ends_.begin()->first, kSlack.micros) < newest_shown_ || waiting_ends_.size() > kMostWaiting)) {
    const auto [at, key] = *waiting_ends_.begin();
    forgotten_ += plus(at, kSlack.micros) >= newest_shown_;
    waiting_ends_.erase(waiting_ends_.begin());
    drop_waiting(key, at);
  }
}

void OutcomeJoin::settle(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || !found->second.shown.empty() || !found->second.waiting.empty())
    return;
  bytes_ -= bytes_of(found->second);
  entries_.erase(found);
}

void OutcomeJoin::end_epoch(std::string_view prefix, Delta& changes) {
  expire();
  for (const std::string& key : touched_) {
    settle(key);
    const auto found = entries_.find(key);
    changes.emplace_back(std::string(prefix) + key,
                         found == entries_.end() ? std::nullopt : std::optional(encode(found->second)));
  }
  touched_.clear();
  if (moved_) {
    std::string marks;
    append_number(newest_shown_, marks);
    append_number(newest_happened_, marks);
    changes.emplace_back(std::string(prefix), std::move(marks));
  }
  moved_ = false;
}

Status OutcomeJoin::restore(std::string_view key, std::string_view value) {
  ByteReader reader(value);
  if (key.empty()) {
    newest_shown_ = reader.number<int64_t>();
    newest_happened_ = reader.number<int64_t>();
    return reader.failed() ? data_loss("the watermarks of a join are cut short") : ok();
  }
  const std::string id(key);
  Entry entry;
  for (auto left = reader.number<uint32_t>(); left > 0 && !reader.failed(); --left) {
    Impression impression;
    impression.at.micros = reader.number<int64_t>();
    impression.item = read_text(reader);
    impression.payload = read_text(reader);
    shown_ends_.emplace(plus(impression.at.micros, options_.within.micros), id);
    entry.shown.push_back(std::move(impression));
  }
  for (auto left = reader.number<uint32_t>(); left > 0 && !reader.failed(); --left) {
    Outcome outcome;
    outcome.at.micros = reader.number<int64_t>();
    outcome.item = read_text(reader);
    outcome.value = reader.number<double>();
    waiting_ends_.emplace(outcome.at.micros, id);
    entry.waiting.push_back(std::move(outcome));
  }
  if (reader.failed() || reader.left() > 0)
    return data_loss("an entry of a join has the wrong length");
  bytes_ += bytes_of(entry);
  entries_[id] = std::move(entry);
  return ok();
}

size_t OutcomeJoin::bytes_of(const Entry& entry) {
  size_t bytes = 160;  // the entry with its key and times, about
  for (const Impression& impression : entry.shown)
    bytes += 2 * sizeof impression + impression.item.size() + impression.payload.size();
  for (const Outcome& outcome : entry.waiting)
    bytes += 2 * sizeof outcome + outcome.item.size();
  return bytes;
}

std::string OutcomeJoin::encode(const Entry& entry) {
  std::string out;
  append_number(static_cast<uint32_t>(entry.shown.size()), out);
  for (const Impression& impression : entry.shown) {
    append_number(impression.at.micros, out);
    append_text(impression.item, out);
    append_text(impression.payload, out);
  }
  append_number(static_cast<uint32_t>(entry.waiting.size()), out);
  for (const Outcome& outcome : entry.waiting) {
    append_number(outcome.at.micros, out);
    append_text(outcome.item, out);
    append_number(outcome.value, out);
  }
  return out;
}

}  // namespace penstock
