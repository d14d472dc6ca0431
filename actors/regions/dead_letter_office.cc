#include "actors/regions/dead_letter_office.h"

#include <algorithm>

#include "actors/sources/record_properties.h"
#include "messages/json_lines.h"
#include "messages/json_writer.h"

namespace penstock {
namespace {

constexpr size_t kPurgedAtOnce = 10'000;
constexpr size_t kForgottenAtOnce = 10'000;

}  // namespace

struct DeadLetterOffice::Replay {
  ReplayAnswer answer;
  ReplayDone done;
  WriteBatch write;
  std::vector<std::pair<const LogAppender*, LogAppender::Part>> parts;  // one for each append
  std::vector<Offset> claimed;
};

DeadLetterOffice::DeadLetterOffice(const topology::Plan& plan, Store& store, BatchCache& cache, const Clock& clock)
    : plan_(plan), store_(store), cache_(cache), clock_(clock), log_(store), entries_(store) {
  for (const topology::PlannedLog& log : plan.logs) {
    const bool source = std::find(plan.sources.begin(), plan.sources.end(), log.name) != plan.sources.end();
    appenders_.emplace(
        log.name, source ? source_appender(plan, log.name) : LogAppender(log.name, *log.schema, log.partitions, ""));
  }
}

Result<LetterPage> DeadLetterOffice::list(const LetterFilter& filter, std::optional<Offset> from, size_t limit) const {
  return log_.list(filter, from, limit);
}

Result<LetterSummary> DeadLetterOffice::summary(const LetterFilter& filter) const { return log_.summary(filter); }

Result<LetterDetail> DeadLetterOffice::show(Offset number) const {
  LetterDetail detail;
  PENSTOCK_ASSIGN(detail.letter, log_.get(number));
  const Result<ReplayTarget> target = replay_target(plan_, detail.letter);
  if (!target.ok()) {
    detail.refusal = target.status().message();
    return detail;
  }
  detail.replay_log = target->log;
  detail.columns = target->schema->to_string();
  if (target->from_source || !detail.letter.partition || !detail.letter.offset)
    return detail;
  if (const auto row = row_at(*target, *detail.letter.partition, *detail.letter.offset); row.ok())
    detail.original = row_to_json(**row, 0);
  return detail;
}

Result<BatchPtr> DeadLetterOffice::row_at(const ReplayTarget& target, Partition partition, Offset offset) const {
  PENSTOCK_ASSIGN(const auto entry, entries_.at(target.log, partition, offset, target.schema));
  if (!entry || entry->first > offset)
    return failed_precondition("the log " + target.log + " does not keep its record " + std::to_string(offset.value()) +
                               " any more; give a repaired one");
  return entry->batch->slice(offset.value() - entry->first.value(), 1)->compact();
}

Result<BatchPtr> DeadLetterOffice::record_of(const DeadLetter& letter, const ReplayTarget& target,
                                             const std::string* repaired) const {
  if (repaired == nullptr && target.repaired_only)
    return failed_precondition("the model " + letter.stage + " trains on the whole log " + target.log +
                               ", where this record stands already; give a repaired one");
  if (repaired == nullptr && !target.from_source && letter.partition && letter.offset)
    if (auto row = row_at(target, *letter.partition, *letter.offset); row.ok() || !target.record_is_row)
      return row;
  const bool source = plan_.topology.find(target.log)->component.role == topology::Role::kSource;
  JsonOptions options;
  if (source && (repaired != nullptr || target.from_source))
    options.timestamp_units = timestamp_units(plan_.topology.find(target.log)->component);
  if (repaired != nullptr)
    options.unknown_fields.policy = UnknownFields::Policy::kReject;  // most likely misspelt
  else if (target.from_source)
    options.unknown_fields = unknown_fields(plan_.topology.find(target.log)->component);
  JsonLinesDecoder decoder(target.schema, options);
  const std::string& text = repaired != nullptr ? *repaired : letter.record;
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos || text[begin] != '{')
    return invalid_argument(repaired != nullptr ? "the repaired record is no JSON object"
                                                : "the record is no JSON object; give a repaired one, as JSON");
  PENSTOCK_ASSIGN(Decoded decoded,
                  decoder.decode_value(text, repaired != nullptr ? "the repaired record" : "the record"));
  if (!decoded.errors.empty()) {
    DecodeError& error = decoded.errors.front();
    error.index.reset();
    return invalid_argument("still wrong: " + error.to_string());
  }
  return std::move(decoded.batch);
}

bool DeadLetterOffice::claim(Offset number) {
  const std::lock_guard lock(mutex_);
  return under_way_.insert(number).second;
}

// Decides on one letter; if it can be replayed it is part of the write.
Status DeadLetterOffice::add(Replay& replay, Offset number, const std::string* repaired, bool again) {
  if (!claim(number))
    return already_exists("it is being replayed at this moment");
  replay.claimed.push_back(number);
  PENSTOCK_ASSIGN(const DeadLetter letter, log_.get(number));
  if (letter.replayed && !again)
    return already_exists("it was replayed before, into the log " + letter.replayed->log +
                          "; say `again` to do so again");
  PENSTOCK_ASSIGN(const ReplayTarget target, replay_target(plan_, letter));
  PENSTOCK_ASSIGN(const BatchPtr record, record_of(letter, target, repaired));
  const Timestamp now = clock_.now();
  const LogAppender& appender = appenders_.at(target.log);
  for (LogAppender::Part& part : appender.append(record, now, replay.write))
    replay.parts.emplace_back(&appender, std::move(part));
  LetterMark mark;
  mark.replayed = {now, target.log, (letter.replayed ? letter.replayed->times : 0) + 1};
  replay.write.put(kDeadLetterMarks, letter_key(number), encode_mark(mark));
  replay.answer.replayed.push_back({number, target.log});
  return ok();
}

// The letters of the filter that are not repaired by hand, up to the limit.
Result<std::vector<Offset>> DeadLetterOffice::chosen(const ReplayRequest& request, uint64_t& left) const {
  LetterFilter filter = request.filter;
  if (!request.again && filter.numbers.empty())  // those that were asked for by number get an answer
    filter.replayed = false;
  PENSTOCK_ASSIGN(std::vector<Offset> numbers, log_.numbers(filter));
  for (const Offset asked : filter.numbers)  // and those that are not there
    if (std::find(numbers.begin(), numbers.end(), asked) == numbers.end())
      numbers.push_back(asked);
  for (const RepairedRecord& repaired : request.repaired)
    std::erase(numbers, repaired.number);
  left = numbers.size() - std::min(numbers.size(), request.limit);
  numbers.resize(std::min(numbers.size(), request.limit));
  return numbers;
}

void DeadLetterOffice::replay(ReplayRequest request, ReplayDone done) {
  const auto replay = std::make_shared<Replay>();
  replay->done = std::move(done);
  const auto one = [&](Offset number, const std::string* repaired) {
    if (const Status status = add(*replay, number, repaired, request.again); !status.ok())
      replay->answer.refused.push_back({number, status.message()});
  };
  for (const RepairedRecord& repaired : request.repaired)
    one(repaired.number, &repaired.record);
  if (request.all || !request.filter.numbers.empty()) {
    const auto numbers = chosen(request, replay->answer.left);
    if (!numbers.ok())
      return finish(replay, {numbers.status(), {}});
    for (const Offset number : *numbers)
      one(number, nullptr);
  }
  WriteBatch write = std::move(replay->write);
  if (const Status status = log_.forget_marks(write, kForgottenAtOnce); !status.ok())
    return finish(replay, {status, {}});
  store_.commit(std::move(write), [this, replay](const Committed& committed) { finish(replay, committed); });
}

void DeadLetterOffice::tell(monitoring::Monitor& monitor) const {
  const auto waiting = log_.waiting(changes_);
  if (!waiting.ok())
    return;
  const int64_t age = waiting->oldest ? std::max<int64_t>(0, clock_.now().micros - waiting->oldest->micros) : 0;
  monitor.emit(monitoring::LettersWaiting{waiting->letters, static_cast<double>(age) * 1e-6});
}

void DeadLetterOffice::finish(const ReplayPtr& replay, const Committed& committed) {
  ++changes_;
  {
    const std::lock_guard lock(mutex_);
    for (const Offset number : replay->claimed)
      under_way_.erase(number);
  }
  if (!committed.status.ok())
    return replay->done(committed.status);
  for (size_t i = 0; i < replay->parts.size() && i < committed.appended.size(); ++i)
    replay->parts[i].first->publish({replay->parts[i].second}, {committed.appended[i]}, cache_);
  replay->done(std::move(replay->answer));
}

void DeadLetterOffice::purge(const LetterFilter& filter, PurgeDone done) {
  const auto numbers = log_.numbers(filter);
  if (!numbers.ok())
    return done(numbers.status());
  WriteBatch stale;
  if (const Status status = log_.forget_marks(stale, kForgottenAtOnce); !status.ok())
    return done(status);
  store_.commit(std::move(stale), [](const Committed&) {});
  for (size_t begin = 0; begin < numbers->size(); begin += kPurgedAtOnce) {
    WriteBatch write;
    for (size_t i = begin; i < std::min(begin + kPurgedAtOnce, numbers->size()); ++i) {
      LetterMark mark;
      mark.purged = true;
      mark.replayed.at = clock_.now();
      write.put(kDeadLetterMarks, letter_key((*numbers)[i]), encode_mark(mark));
    }
    const bool last = begin + kPurgedAtOnce >= numbers->size();
    if (last)
      return store_.commit(std::move(write), [this, done, count = numbers->size()](const Committed& committed) {
        ++changes_;
        done(committed.status.ok() ? Result<uint64_t>(count) : Result<uint64_t>(committed.status));
      });
    if (const Committed committed = store_.commit_and_wait(std::move(write)); !committed.status.ok())
      return done(committed.status);
    ++changes_;
  }
  done(uint64_t{0});
}

}  // namespace penstock
