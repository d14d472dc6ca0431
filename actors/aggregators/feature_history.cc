#include "actors/aggregators/feature_history.h"

#include <algorithm>

#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kSum = 0, kUnused = 1;  // groups
constexpr size_t kPastPrefix = 32;       // the newest versions, among which late events come

void put_part(std::string_view part, std::string& out) {
  append_number(static_cast<uint32_t>(part.size()), out);
  out += part;
}
std::string get_part(ByteReader& in) { return std::string(in.bytes(in.number<uint32_t>())); }

int64_t minus(int64_t a, int64_t b) {
  int64_t out;
  return __builtin_sub_overflow(a, b, &out) ? (b > 0 ? INT64_MIN : INT64_MAX) : out;
}
int64_t plus(int64_t a, int64_t b) {
  int64_t out;
  return __builtin_add_overflow(a, b, &out) ? (b > 0 ? INT64_MAX : INT64_MIN) : out;
}

int64_t floor_to(int64_t time, int64_t step) {
  const int64_t into = time % step;
  return into >= 0 ? time - into : minus(time, into + step);
}

// How many versions are before that time.
size_t count_before(const FeatureHistory& history, int64_t time) {
  return static_cast<size_t>(
      std::lower_bound(history.versions.begin(), history.versions.end(), time,
                       [](const FeatureHistory::Version& version, int64_t at) { return version.at < at; }) -
      history.versions.begin());
}

}  // namespace

size_t FeatureHistory::memory() const {
  size_t bytes = base.capacity() + prefix.sum.capacity() + versions.capacity() * sizeof(Version);
  for (const Version& version : versions)
    bytes += version.part.capacity();
  return bytes;
}

void FeatureHistory::encode(std::string& out) const {
  append_number(kVersion, out);
  append_number(due_at, out);
  append_number(base_at, out);
  put_part(base, out);
  for (const Version& version : versions) {
    append_number(version.at, out);
    put_part(version.part, out);
  }
}

Result<FeatureHistory> FeatureHistory::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const bool known = in.number<uint8_t>() == kVersion;
  FeatureHistory out;
  out.due_at = in.number<int64_t>();
  out.base_at = in.number<int64_t>();
  out.base = get_part(in);
  while (in.left() > 0) {
    const auto at = in.number<int64_t>();
    out.versions.push_back({at, get_part(in)});
  }
  if (!known || in.failed())
    return data_loss("a key's features are cut off, or of an unknown version");
  return out;
}

FeatureFold::FeatureFold(const FeaturePlan& plan) : plan_(plan) {
  for (const FeaturePlan::Feature& feature : plan.features) {
    states_.push_back(feature.call.make_states());
    states_.back()->resize(2);
  }
}

std::vector<std::string> FeatureFold::parts(const std::vector<sql::AggregateInput>& inputs,
                                            const std::vector<uint32_t>& group_of_row, size_t groups,
                                            std::vector<sql::RowError>& errors) {
  std::vector<std::string> out(groups);
  for (size_t f = 0; f < states_.size(); ++f) {
    sql::AggregateStates& states = *states_[f];
    states.resize(0);
    states.resize(std::max<size_t>(groups, 2));
    for (const sql::RowError& error : states.update(inputs[f], group_of_row))
      errors.push_back({error.row, plan_.features[f].name + ": " + error.message});
    for (size_t group = 0; group < groups; ++group)
      states.encode(group, out[group]);
    states.resize(0);
    states.resize(2);
  }
  return out;
}

// Into group `into[f]` of each feature. A sum that leaves int64 stays as it was.
Status FeatureFold::merge(std::string_view part, const std::vector<size_t>& into) {
  for (size_t f = 0; f < states_.size(); ++f)
    if (Status status = states_[f]->merge(into[f], part); !status.ok() && status.code() != Code::kInvalidArgument)
      return status;
  return part.empty() ? ok() : data_loss("a key's features have bytes too many");
}

std::string FeatureFold::encode_sums() const {
  std::string out;
  for (const auto& states : states_)
    states->encode(kSum, out);
  return out;
}

Status FeatureFold::sum_up(std::string& sum, std::string_view part) {
  for (const auto& states : states_)
    states->clear(kSum);
  const std::vector<size_t> all(states_.size(), kSum);
  if (!sum.empty())
    PENSTOCK_TRY(merge(sum, all));
  PENSTOCK_TRY(merge(part, all));
  sum = encode_sums();
  return ok();
}

Status FeatureFold::add(FeatureHistory& history, int64_t at, std::string part) {
  const size_t place = count_before(history, at);
  if (place < history.prefix.until)
    history.prefix = {};
  if (place < history.versions.size() && history.versions[place].at == at)
    return sum_up(history.versions[place].part, part);
  history.versions.insert(history.versions.begin() + static_cast<ptrdiff_t>(place), {at, std::move(part)});
  return ok();
}

bool FeatureFold::apart(int64_t earlier, int64_t later) const {
  return plan_.ttl && minus(later, earlier) >= plan_.ttl->micros;
}

Status FeatureFold::fold(FeatureHistory& history, int64_t mark) {
  const int64_t keep = plan_.keep();
  // In steps, so that a key is not rewritten for each of its events a second time.
  const int64_t step = std::max<int64_t>(keep / 16, 1);
  const int64_t limit = floor_to(minus(mark, keep), step);
  size_t old = 0;
  for (; old < history.versions.size() && history.versions[old].at < limit; ++old) {
    FeatureHistory::Version& version = history.versions[old];
    if (history.base.empty() || apart(history.base_at, version.at))
      history.base = std::move(version.part);
    else
      PENSTOCK_TRY(sum_up(history.base, version.part));
    history.base_at = version.at;
  }
  if (old > 0) {
    history.versions.erase(history.versions.begin(), history.versions.begin() + static_cast<ptrdiff_t>(old));
    history.prefix = {};
  }
  const int64_t gone =
      plan_.ttl && !history.empty() ? plus(plus(history.newest(), plan_.ttl->micros), keep) : INT64_MAX;
  if (gone < mark) {
    history = {};
    return ok();
  }
  history.due_at = gone == INT64_MAX ? INT64_MAX : gone + 1;
  if (!history.versions.empty())
    history.due_at = std::min(history.due_at, plus(plus(floor_to(history.versions.front().at, step), step), keep));
  return ok();
}

int64_t FeatureFold::newest(const FeatureHistory& history, int64_t before) {
  const size_t end = count_before(history, before);
  return end > 0 ? history.versions[end - 1].at : history.base_at;
}

FeatureFold::Known FeatureFold::known(const FeatureHistory& history, int64_t before) const {
  const size_t end = count_before(history, before);
  if (end == 0 && history.base.empty())
    return Known::kNoEvents;
  if (!history.base.empty() && before <= history.base_at)
    return Known::kForgotten;
  return apart(newest(history, before), before) ? Known::kExpired : Known::kYes;
}

FeatureFold::Run FeatureFold::run_before(const FeatureHistory& history, int64_t before) const {
  Run run;
  run.end = run.begin = count_before(history, before);
  while (run.begin > 0 &&
         (run.begin == run.end || !apart(history.versions[run.begin - 1].at, history.versions[run.begin].at)))
    --run.begin;
  const bool with_base =
      run.begin == 0 && !history.base.empty() && (run.end == 0 || !apart(history.base_at, history.versions[0].at));
  run.next = run.begin;
  if (with_base)
    run.sum = history.base;
  if (!history.prefix.sum.empty() && history.prefix.from == run.begin && history.prefix.until <= run.end) {
    run.sum = history.prefix.sum;
    run.next = history.prefix.until;
  }
  return run;
}

// Features of all events take the run's sum and what comes after it, the others the versions within their time.
Status FeatureFold::merge_run(const FeatureHistory& history, const Run& run, int64_t before) {
  std::vector<size_t> into(states_.size()), from(states_.size(), run.next);
  size_t first = run.next;
  for (size_t f = 0; f < states_.size(); ++f) {
    const std::optional<Duration>& within = plan_.features[f].within;
    into[f] = within ? kUnused : kSum;
    if (within)
      from[f] = std::max(run.begin, count_before(history, minus(before, within->micros)));
    first = std::min(first, from[f]);
  }
  if (!run.sum.empty())
    PENSTOCK_TRY(merge(run.sum, into));
  for (size_t v = first; v < run.end; ++v) {
    for (size_t f = 0; f < into.size(); ++f)
      into[f] = v >= from[f] ? kSum : kUnused;
    PENSTOCK_TRY(merge(history.versions[v].part, into));
  }
  return ok();
}

Status FeatureFold::keep_prefix(FeatureHistory& history, int64_t before) {
  if (known(history, before) != Known::kYes)
    return ok();
  const Run run = run_before(history, before);
  if (run.end < run.next + 2 * kPastPrefix)
    return ok();
  std::string sum(run.sum);
  const size_t until = run.end - kPastPrefix;
  for (size_t v = run.next; v < until; ++v)
    PENSTOCK_TRY(sum_up(sum, history.versions[v].part));
  history.prefix = {run.begin, until, std::move(sum)};
  return ok();
}

Status FeatureFold::read(const FeatureHistory& history, int64_t before, BatchBuilder& out, size_t first) {
  for (const auto& states : states_)
    states->clear(kSum), states->clear(kUnused);
  if (known(history, before) == Known::kYes)
    PENSTOCK_TRY(merge_run(history, run_before(history, before), before));
  for (size_t f = 0; f < states_.size(); ++f)
    states_[f]->append_result(kSum, out.column(first + f));
  return ok();
}

}  // namespace penstock
