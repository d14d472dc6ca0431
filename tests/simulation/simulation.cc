#include "tests/simulation/simulation.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "actors/components.h"
#include "actors/sinks/sink_actor.h"
#include "config/settings.h"
#include "tests/simulation/generate.h"
#include "tests/simulation/poison.h"
#include "tests/simulation/process_death.h"
#include "tests/simulation/receiver.h"
#include "topology/check.h"

namespace penstock::simulation {
namespace {

constexpr uint64_t kMostSteps = 60'000;  // of the last life, which ends by itself
constexpr size_t kMostDeaths = 1000;     // of the last life
constexpr Timestamp kBegin{1'700'000'000'000'000};

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

void add_test_components() {
  static const bool added = [] {
    add_component({receiver_type(), MakeSink(make_receiver)});
    add_component({poison_type(), MakeStage(make_poison)});
    return true;
  }();
  (void)added;
}

topology::Plan plan_of(const std::string& text, const std::string& folder) {
  auto checked = topology::check(text, "generated.yaml", folder, catalogue(), settings_type(),
                                 [](const std::string&) { return std::nullopt; });
  if (!checked.topology) {
    std::fprintf(stderr, "%s\n", text.c_str());
    for (const topology::Diagnostic& diagnostic : checked.diagnostics.list())
      std::fprintf(stderr, "%zu:%zu %s\n", static_cast<size_t>(diagnostic.place.line),
                   static_cast<size_t>(diagnostic.place.column), diagnostic.text.c_str());
    std::abort();
  }
  return topology::make_plan(std::move(*checked.topology));
}

std::string memory_of(const Runtime& runtime) {
  std::string out =
      "memory " + std::to_string(runtime.memory.used()) + " of " + std::to_string(runtime.memory.limit()) + ":";
  for (const auto& [part, bytes] : runtime.memory.parts())
    out += " " + part + " " + std::to_string(bytes);
  return out + "; ";
}

}  // namespace

const Workload& Simulation::workload(uint64_t number) {
  if (!workload_ || workload_->number != number) {
    workload_ = prepare(generate(number));
    workload_->number = number;
  }
  return *workload_;
}

Workload Simulation::prepare(const Generated& generated) {
  add_test_components();
  const std::string inputs = folder_ + "/in";
  std::filesystem::remove_all(inputs);
  std::filesystem::create_directories(inputs);
  std::filesystem::create_directories(folder_ + "/out");
  for (const auto& [name, content] : generated.inputs)
    std::ofstream(inputs + "/" + name) << content;
  Workload out;
  out.text = generated.text;
  out.requests = generated.requests;
  for (const char* workers : {"1", "2", "3"}) {
    std::string text = out.text;
    replace_all(text, "{WORKERS}", workers);
    out.plans.push_back(plan_of(text, folder_));
  }
  RunResult without_faults = Simulation(folder_).run(out, {Life{}}, 0);
  if (!without_faults.difference.empty()) {
    std::fprintf(stderr, "%s\nwithout any fault: %s\n", out.text.c_str(), without_faults.difference.c_str());
    std::abort();
  }
  out.expected = std::move(without_faults.outcome);
  return out;
}

std::vector<Simulation::Life> lives_of(uint64_t seed) {
  Random random(splitmix64(seed) ^ 0x5eed);
  const auto one_of = [&](std::initializer_list<double> values) {
    return *(values.begin() + random.below(values.size()));
  };
  FaultRates faults;
  faults.actor_crash = one_of({0, 0.001, 0.005, 0.02});
  faults.refused_commit = one_of({0, 0, 0.005, 0.03});
  faults.handler_failure = one_of({0, 0, 0.002, 0.01});
  faults.receiver_failure = one_of({0, 0.1, 0.5});
  faults.early_timer = one_of({0, 0.05, 0.3});
  std::vector<Simulation::Life> lives(1 + random.below(5));
  for (size_t i = 0; i < lives.size(); ++i) {
    Simulation::Life& life = lives[i];
    life.workers = 1 + static_cast<uint32_t>(random.below(3));
    life.options.seed = random();
    life.options.faults = faults;
    life.options.store_weight = one_of({0.1, 1, 10});
    life.options.client_weight = one_of({0.03, 0.3, 3});
    life.options.memory_budget = Bytes{static_cast<uint64_t>(one_of({0, 0, 100e3, 300e3}))};
    life.options.by_priority = random.below(3) == 0;
    life.options.epoch_bytes = Bytes{static_cast<uint64_t>(one_of({300, 2000, 20'000, 8e6}))};
    life.options.in_flight_epochs = 1 + static_cast<uint32_t>(random.below(4));
    life.options.source_read_bytes = Bytes{static_cast<uint64_t>(one_of({120, 120, 120, 300, 900, 1e6}))};
    if (i + 1 < lives.size()) {
      life.steps = 1 + random.below(random.below(2) == 0 ? 100 : 2000);
      life.clean_stop = random.below(4) == 0;
    } else {
      life.options.faulty_steps = random.below(4000);
    }
  }
  return lives;
}

RunResult Simulation::run(uint64_t seed, std::FILE* print) {
  const Workload& chosen = workload(seed / kSeedsOfTopology);
  if (print)
    std::fprintf(print, "seed %llu, topology %llu\n%s\n", static_cast<unsigned long long>(seed),
                 static_cast<unsigned long long>(chosen.number), chosen.text.c_str());
  return run(chosen, lives_of(seed), seed, print);
}

RunResult Simulation::run(const Workload& chosen, const std::vector<Life>& lives, uint64_t seed, std::FILE* print) {
  RunResult result;
  Trace trace(print);
  Random random(splitmix64(seed) ^ 0x7ea4);
  MemoryStore memory({.synchronous = true});
  Clients clients(chosen.requests, trace, result.counts);
  Receiver::forget_all();
  const std::string out = folder_ + "/out";
  std::filesystem::remove_all(out);
  std::filesystem::create_directories(out);
  Timestamp now = kBegin;
  for (size_t i = 0, deaths = 0; i < lives.size();) {
    Life life = lives[i];
    const bool last = i + 1 == lives.size();
    life.options.seed += deaths;
    const topology::Plan& plan = chosen.plans[life.workers - 1];
    const std::unique_ptr<Store> door = mistakes_.door ? mistakes_.door(memory, random()) : nullptr;
    bool died = !last && !life.clean_stop;
    {
      SimulatedNode node(plan, memory, door ? *door : memory, now, life.options, clients, trace, result.counts);
      const bool more = node.run(life.steps > 0 ? life.steps : kMostSteps);
      if (life.clean_stop && !ProcessDeath::wanted()) {
        node.stop(1000);
        ++result.counts.clean_stops;
      }
      died = died || ProcessDeath::wanted();
      if (last && !died) {
        if (more)
          result.difference +=
              "it does not come to rest within " + std::to_string(kMostSteps) + " steps; " + memory_of(node.runtime());
        result.outcome = outcome_of(node.runtime(), memory, folder_);
        if (!clients.finished())
          result.difference += "not all requests were answered; ";
      }
      now = {node.now().micros + 1'000'000};
      trace.note("node", died ? "DIES" : "ends");
    }
    result.difference += clients.broken_promise(plan, memory);
    deaths += ProcessDeath::wanted() ? 1 : 0;
    result.counts.process_deaths += died ? 1 : 0;
    if (last && died && deaths > kMostDeaths) {
      result.difference = "it dies again and again";
      break;
    }
    if (!last || died)
      tear_files(plan, memory, random, trace, result.counts);
    if (!last || !died)
      ++i;
    ProcessDeath::over();
  }
  for (const std::string& log : memory.logs())
    for (uint32_t p = 0; p < *memory.partitions(log); ++p)
      result.counts.records += memory.range(log, Partition(p))->next.value();
  for (const std::string& letter : result.outcome["dead letters"])
    result.counts.set_aside += letter.starts_with("set aside") ? 1 : 0;
  for (const auto& [section, lines] : result.outcome) {
    trace.take(section);
    for (const std::string& line : lines)
      trace.take(line);
  }
  result.trace = trace.hash();
  if (result.difference.empty() && !chosen.expected.empty())
    result.difference = first_difference(chosen.expected, result.outcome);
  if (print && !result.difference.empty())
    std::fprintf(print, "%s", all_differences(chosen.expected, result.outcome).c_str());
  return result;
}

// A process or machine that dies may leave less in a file than was written since it was last synced, or torn bytes. What the
// store holds as delivered was synced before, and stays.
void Simulation::tear_files(const topology::Plan& plan, const Store& store, Random& random, Trace& trace,
                            FaultCounts& counts) {
  for (const std::string& sink : plan.sinks) {
    if (plan.topology.find(sink)->component.type != "file")
      continue;
    const std::string path = folder_ + "/" + plan.topology.find(sink)->component.text("path");
    std::error_code error;
    const uint64_t length = std::filesystem::file_size(path, error);
    if (error)
      continue;
    const auto position = store.get(kSinkPositions, sink);
    const bool delivered = position.ok() && *position && !mistakes_.outside_forgets;
    const uint64_t synced = delivered ? std::strtoull((*position)->c_str(), nullptr, 10) : 0;
    const uint64_t choice = random.below(4);
    if (choice == 0 && length > synced) {
      std::filesystem::resize_file(path, synced + random.below(length - synced));
    } else if (choice == 1) {
      std::ofstream(path, std::ios::app) << std::string(1 + random.below(40), '#');
    } else {
      continue;
    }
    ++counts.torn_files;
    trace.note(sink, "file is torn", length, std::filesystem::file_size(path, error));
  }
}

}  // namespace penstock::simulation
