#include "config/settings.h"

#include <utility>
#include <variant>

namespace penstock {
namespace {

using topology::Kind;
using topology::Property;
using Values = topology::PropertyValues;

template <class T>
T get(const Values& values, std::string_view name) {
  return std::get<T>(values.find(name)->second.value);
}

std::vector<Property> declare() {
  return {
      {.name = "data_dir",
       .kind = Kind::kString,
       .meaning = "Folder of the store, relative to the folder Penstock is started in; by default data/ and the "
                  "topology's name."},
      {.name = "backup_dir",
       .kind = Kind::kString,
       .meaning =
           "Folder below which backups are written that are asked for over HTTP, relative to the folder Penstock is "
           "started in; by default backups in data_dir."},
      {.name = "disk_budget",
       .kind = Kind::kBytes,
       .meaning = "Address space reserved for the store, and so the most it can ever hold; takes up only what is used.",
       .default_value = "1TiB",
       .minimum = 16.0 * 1024 * 1024},
      {.name = "memory_budget",
       .kind = Kind::kBytes,
       .meaning = "Memory that all parts together may hold; over it nothing more is taken in until some is free. By "
                  "default 60 % of what the machine, or its control group, has.",
       .minimum = 64.0 * 1024 * 1024},
      {.name = "epoch_interval",
       .kind = Kind::kDuration,
       .meaning = "A region commits at least this often while it has input.",
       .default_value = "50ms",
       .minimum = 0.001,
       .maximum = 60},
      {.name = "epoch_bytes",
       .kind = Kind::kBytes,
       .meaning = "A region commits after this much input even if the interval is not over.",
       .default_value = "8MiB",
       .minimum = 1024},
      {.name = "in_flight_bytes",
       .kind = Kind::kBytes,
       .meaning = "Input of a region that may be uncommitted; it reads on when an epoch commits.",
       .default_value = "64MiB",
       .minimum = 1024},
      {.name = "in_flight_epochs",
       .kind = Kind::kInteger,
       .meaning = "Epochs of a region that may be uncommitted.",
       .default_value = "4",
       .minimum = 1,
       .maximum = 1000,
       .unit = "epochs"},
      {.name = "restart_intensity",
       .kind = Kind::kInteger,
       .meaning =
           "Restarts within the restart period after which a failing part waits longer and longer between tries.",
       .default_value = "5",
       .minimum = 0,
       .maximum = 1000000,
       .unit = "restarts"},
      {.name = "restart_period",
       .kind = Kind::kDuration,
       .meaning = "Window in which restarts are counted.",
       .default_value = "60s",
       .minimum = 0.001},
      {.name = "backoff_min",
       .kind = Kind::kDuration,
       .meaning = "First wait of a part that fails too often; each further one is twice as long.",
       .default_value = "100ms",
       .minimum = 0.001},
      {.name = "backoff_max",
       .kind = Kind::kDuration,
       .meaning = "Longest such wait.",
       .default_value = "30s",
       .minimum = 0.001},
      {.name = "checkpoint_interval",
       .kind = Kind::kDuration,
       .meaning =
           "How often tables take over what their changelogs hold; more often the longer these are. A start reads "
           "what has not been taken over.",
       .default_value = "60s",
       .minimum = 0.1},
      {.name = "stall_timeout",
       .kind = Kind::kDuration,
       .meaning = "A worker that has been with one message for so long is reported as stalled; after twice as long the "
                  "process ends itself with exit code 70, to be started again. Trainings do not count. 0 turns it off.",
       .default_value = "30s",
       .minimum = 0},
      {.name = "durability",
       .kind = Kind::kChoice,
       .meaning = "full: synced to disk before anything is acknowledged; relaxed: the last moments may be lost with "
                  "the machine.",
       .default_value = "full",
       .choices = {"full", "relaxed"}},
      {.name = "dead_letters",
       .kind = Kind::kGroup,
       .meaning = "For how long records that were set aside are kept.",
       .default_value = "{}",
       .members = {{.name = "retain_for",
                    .kind = Kind::kDuration,
                    .meaning = "How long after it was set aside a record is kept.",
                    .default_value = "30d",
                    .minimum = 1},
                   {.name = "retain_bytes",
                    .kind = Kind::kBytes,
                    .meaning = "How many stored bytes of them are kept, the newest.",
                    .default_value = "1GiB",
                    .minimum = 1024}}},
      {.name = "training_threads",
       .kind = Kind::kInteger,
       .meaning = "Threads that train a model; 0 takes every core.",
       .default_value = "0",
       .minimum = 0,
       .maximum = 1024,
       .unit = "threads"},
      {.name = "trace",
       .kind = Kind::kString,
       .meaning =
           "Which records are followed from ingest to answer in the log: off; requests, those that a client sends "
           "with a sampled traceparent; or a share such as 1/10000, which includes requests.",
       .default_value = "off"},
  };
}

void check_settings(const Values& values, topology::Diagnostics& diagnostics) {
  const auto at_most = [&](std::string_view smaller, std::string_view larger, bool less, const std::string& bound) {
    if (less)
      return;
    const topology::PropertyValue& left = values.find(smaller)->second;
    const topology::PropertyValue& right = values.find(larger)->second;
    diagnostics.error((right.defaulted ? left : right).place, "out-of-bounds",
                      std::string(larger) + " is less than " + std::string(smaller),
                      std::string(larger) + " must be at least " + bound);
  };
  const auto bytes = [&](std::string_view name) { return get<Bytes>(values, name); };
  const auto duration = [&](std::string_view name) { return get<Duration>(values, name); };
  at_most("backoff_min", "backoff_max", duration("backoff_min") <= duration("backoff_max"),
          to_string(duration("backoff_min")));
  at_most("epoch_bytes", "in_flight_bytes", bytes("epoch_bytes") <= bytes("in_flight_bytes"),
          to_string(bytes("epoch_bytes")));
  if (const auto trace = values.find("trace"); trace != values.end())
    if (const auto rule = parse_trace_rule(get<std::string>(values, "trace")); !rule.ok())
      diagnostics.error(trace->second.place, "wrong-value", rule.status().message(), "");
  if (values.contains("memory_budget"))
    at_most("in_flight_bytes", "memory_budget", bytes("in_flight_bytes") <= bytes("memory_budget"),
            to_string(bytes("in_flight_bytes")));
}

}  // namespace

const topology::SettingsType& settings_type() {
  static const topology::SettingsType type{declare(), check_settings};
  return type;
}

Settings make_settings(const topology::CheckedTopology& topology) {
  Values values = topology.settings;
  for (const Property& property : settings_type().properties)
    if (!values.contains(property.name))
      if (auto value = topology::default_value(property, {}))
        values.emplace(property.name, std::move(*value));
  Settings settings;
  settings.data_dir = values.contains("data_dir") ? get<std::string>(values, "data_dir") : "data/" + topology.name;
  if (values.contains("backup_dir"))
    settings.backup_dir = get<std::string>(values, "backup_dir");
  settings.disk_budget = get<Bytes>(values, "disk_budget");
  if (values.contains("memory_budget"))
    settings.memory_budget = get<Bytes>(values, "memory_budget");
  settings.epoch_interval = get<Duration>(values, "epoch_interval");
  settings.epoch_bytes = get<Bytes>(values, "epoch_bytes");
  settings.in_flight_bytes = get<Bytes>(values, "in_flight_bytes");
  settings.in_flight_epochs = static_cast<uint32_t>(get<int64_t>(values, "in_flight_epochs"));
  settings.restart_intensity = static_cast<uint32_t>(get<int64_t>(values, "restart_intensity"));
  settings.restart_period = get<Duration>(values, "restart_period");
  settings.backoff_min = get<Duration>(values, "backoff_min");
  settings.backoff_max = get<Duration>(values, "backoff_max");
  settings.checkpoint_interval = get<Duration>(values, "checkpoint_interval");
  settings.stall_timeout = get<Duration>(values, "stall_timeout");
  settings.durability =
      get<std::string>(values, "durability") == "full" ? Settings::Durability::kFull : Settings::Durability::kRelaxed;
  if (const auto rule = parse_trace_rule(get<std::string>(values, "trace")); rule.ok())
    settings.trace = *rule;
  settings.training_threads = static_cast<int>(get<int64_t>(values, "training_threads"));
  return settings;
}

}  // namespace penstock
