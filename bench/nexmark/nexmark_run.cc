#include "bench/nexmark/nexmark_run.h"

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "actors/components.h"
#include "actors/sources/nexmark_events.h"
#include "config/settings.h"
#include "messages/batch_codec.h"
#include "messages/json_writer.h"
#include "storage/lmdb_store.h"
#include "topology/check.h"

namespace penstock::bench {
namespace {

class SilentMonitor final : public monitoring::Monitor {
 public:
  void emit(const monitoring::Event&) override {}
};

void take(const RecordBatch& batch, NexmarkAnswer& answer) {
  std::string line;
  for (size_t i = 0; i < batch.rows(); ++i) {
    line.clear();
    append_row_json(batch, i, line);
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : line)
      hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3ULL;
    answer.digest += hash;
    ++answer.rows;
  }
}

Result<topology::Plan> plan_of(const NexmarkRun::Options& options) {
  const std::string path = options.sources + "/" + options.query + ".yaml";
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file)
    return not_found("there is no " + path);
  auto checked = topology::check(text.str(), path, options.sources, catalogue(), settings_type(),
                                 [&](const std::string& name) -> std::optional<std::string> {
                                   if (name == "NEXMARK_EVENTS")
                                     return std::to_string(options.events);
                                   if (name == "NEXMARK_INTERVAL")
                                     return options.interval;
                                   if (name == "NEXMARK_WORKERS")
                                     return std::to_string(options.workers);
                                   return std::nullopt;
                                 });
  std::string mistakes;
  for (const topology::Diagnostic& diagnostic : checked.diagnostics.list())
    mistakes += path + ":" + std::to_string(diagnostic.place.line) + " " + diagnostic.text + "\n";
  if (!checked.topology)
    return invalid_argument(mistakes);
  return topology::make_plan(std::move(*checked.topology));
}

}  // namespace

std::string NexmarkAnswer::to_string() const {
  char text[64];
  std::snprintf(text, sizeof text, "%llu %016llx", static_cast<unsigned long long>(rows),
                static_cast<unsigned long long>(digest));
  return text;
}

Result<std::unique_ptr<NexmarkRun>> NexmarkRun::start(const Options& options) {
  std::unique_ptr<NexmarkRun> run(new NexmarkRun);
  PENSTOCK_ASSIGN(run->plan_, plan_of(options));
  const topology::BoundComponent* source = run->plan_.topology.find(run->plan_.sources.front());
  const bool bids = source->component.text("emit") == "bids";
  for (uint64_t event = 0; event < options.events; ++event)
    run->events_ += !bids || nexmark_kind(event) == NexmarkKind::kBid;
  LmdbOptions store;
  store.path = options.folder;
  PENSTOCK_ASSIGN(run->store_, LmdbStore::open(store));
  run->monitor_ = std::make_unique<SilentMonitor>();
  run->node_ =
      std::make_unique<NodeRuntime>(run->plan_, *run->store_, Clock::system(), *run->monitor_, RuntimeOptions{});
  PENSTOCK_TRY(run->node_->start());
  return run;
}

NexmarkRun::~NexmarkRun() { node_.reset(); }

// Regions are in flow order: one whose input is all there and all read has appended all that the next one reads.
bool NexmarkRun::all_read() const {
  for (const topology::PlannedRegion& region : plan_.regions)
    for (const std::string& log : region.reads) {
      const auto range = store_->range(log, Partition(0));
      const auto position = store_->position(region.name, log, Partition(0));
      const bool source = log == plan_.sources.front();
      if (!range.ok() || !position.ok() || (source && range->next.value() < events_))
        return false;
      if (range->next.value() > 0 && (!*position || **position < range->next))
        return false;
    }
  return true;
}

void NexmarkRun::wait_until_read() const {
  while (!all_read())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

Result<NexmarkAnswer> NexmarkRun::answer() const {
  NexmarkAnswer answer;
  const bool log = plan_.topology.find("result")->binding.own_log;
  if (!log) {
    PENSTOCK_ASSIGN(const BatchPtr rows, node_->view_rows("result", 10'000'000));
    take(*rows, answer);
    return answer;
  }
  PENSTOCK_ASSIGN(const LogRange range, store_->range("result", Partition(0)));
  for (Offset at = range.first; at < range.next;) {
    PENSTOCK_ASSIGN(const std::vector<LogEntry> entries, store_->read("result", Partition(0), at, 8 << 20));
    for (const LogEntry& entry : entries) {
      PENSTOCK_ASSIGN(const BatchPtr batch, decode_batch(entry.bytes, nullptr));
      take(*batch, answer);
      at = entry.first.next(entry.records);
    }
  }
  return answer;
}

Result<NexmarkAnswer> NexmarkRun::wait_for(const NexmarkAnswer& expected, double seconds) const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  for (;;) {
    auto found = answer();
    if (!found.ok() || *found == expected || std::chrono::steady_clock::now() > until)
      return found;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

Result<std::map<std::string, NexmarkAnswer>> read_expected(const std::string& path) {
  std::ifstream file(path);
  std::map<std::string, NexmarkAnswer> out;
  std::string query;
  NexmarkAnswer answer;
  while (file >> query >> std::dec >> answer.rows >> std::hex >> answer.digest)
    out[query] = answer;
  if (out.empty())
    return not_found("there are no answers in " + path);
  return out;
}

}  // namespace penstock::bench
