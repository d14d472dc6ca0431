#include "tests/simulation/clients.h"

#include <algorithm>
#include <set>

#include "actors/regions/log_reader.h"

namespace penstock::simulation {
namespace {

constexpr size_t kAtATime = 4;

}  // namespace

Clients::Clients(const std::vector<Request>& requests, Trace& trace, FaultCounts& counts)
    : requests_(requests), trace_(trace), counts_(counts), taken_(requests.size()), sent_(requests.size()) {}

void Clients::connect(Runtime& runtime, uint64_t seed) {
  runtime_ = &runtime;
  random_ = Random(seed);
  for (const Request& request : requests_)
    if (!ingests_.contains(request.source))
      ingests_[request.source] = std::make_unique<Ingest>(runtime, request.source);
}

void Clients::disconnect() {
  ++life_;
  under_way_ = 0;
  paused_ = false;
  sent_.assign(sent_.size(), false);
  ingests_.clear();
  runtime_ = nullptr;
}

bool Clients::wants_to_send() const { return runtime_ && !finished() && !paused_ && under_way_ < kAtATime; }

void Clients::send() {
  std::vector<size_t> candidates;
  for (size_t i = 0; i < requests_.size(); ++i)
    if (!taken_[i] && !sent_[i] && candidates.size() < 2 * kAtATime)
      candidates.push_back(i);
  if (candidates.empty() || random_.below(10) == 0) {  // a client, or something before the node, sends again
    candidates.resize(std::min(requests_.size(), candidates.empty() ? requests_.size() : candidates.front() + 1));
    for (size_t i = 0; i < candidates.size(); ++i)
      candidates[i] = i;
    ++counts_.repeated_requests;
  }
  const size_t chosen = candidates[random_.below(candidates.size())];
  const Request& request = requests_[chosen];
  IngestRequest sent;
  sent.source = request.source;
  sent.records = to_batch(request.events, runtime_->plan.topology.find(request.source)->binding.output);
  if (request.has_wrong)
    sent.wrong.push_back({"/" + std::to_string(request.events.size()), "expected an object", "wrong"});
  sent.idempotency_key = request.key;
  sent.fingerprint = request.key;
  sent.bytes = sent.records->memory();
  trace_.note("client", "sends", chosen, request.events.size());
  ++counts_.requests;
  ++under_way_;
  sent_[chosen] = true;
  ingests_.at(request.source)->take(std::move(sent), [this, life = life_, chosen](const Result<IngestAnswer>& answer) {
    answered(life, chosen, answer);
  });
}

void Clients::answered(uint64_t life, size_t request, const Result<IngestAnswer>& answer) {
  if (life != life_)
    return;
  const bool taken = answer.ok() && answer->outcome == IngestAnswer::Outcome::kTaken;
  trace_.note("client", taken ? "is told: taken" : "is told: refused", request);
  --under_way_;
  sent_[request] = false;
  paused_ = !taken;
  if (!taken || taken_[request])
    return;
  taken_[request] = true;
  ++acknowledged_;
}

std::string Clients::broken_promise(const topology::Plan& plan, const Store& store) const {
  std::map<std::string, std::map<int64_t, int>> found;  // how often, by source and id
  for (const auto& request : requests_) {
    const auto [entry, fresh] = found.try_emplace(request.source);
    if (!fresh)
      continue;
    LogReader reader(store, nullptr, request.source, plan.topology.find(request.source)->binding.output);
    if (const Status opened = reader.open(""); !opened.ok())
      return opened.message();
    for (auto batch = reader.next(); !batch.ok() || *batch; batch = reader.next()) {
      if (!batch.ok())
        return batch.status().message();
      for (size_t i = 0; i < (*batch)->rows(); ++i)
        if (++entry->second[(*batch)->column(0)->int64s()[(*batch)->row(i)]] > 1)
          return request.source + ": there twice: " + (*batch)->to_string();
    }
  }
  for (size_t i = 0; i < requests_.size(); ++i)
    for (const Event& event : requests_[i].events)
      if (taken_[i] && found[requests_[i].source][event.id] == 0)
        return requests_[i].source + ": request " + std::to_string(i) + " was answered as taken, and its event " +
               std::to_string(event.id) + " is not there";
  return "";
}

}  // namespace penstock::simulation
