#include "core/fault_points.h"

#include <charconv>
#include <chrono>
#include <csignal>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/nearest.h"
#include "core/random.h"
#include "core/units.h"

namespace penstock {
namespace fault_detail {
std::atomic<bool> any_on = false;
}  // namespace fault_detail

namespace {

struct Fault {
  FaultPoint point;
  enum class Action { kFail, kCrash, kDelay } action = Action::kFail;
  Duration delay;
  double probability = 1;
  std::optional<uint64_t> nth;
  uint64_t hits = 0;
};

struct Faults {
  std::mutex mutex;
  std::vector<Fault> list;  // guarded by mutex, as is random
  Random random{0};
};

Faults& faults() {
  static Faults the_faults;
  return the_faults;
}

const FaultPointInfo* find(std::string_view name) {
  for (const FaultPointInfo& info : kFaultPoints)
    if (info.name == name)
      return &info;
  return nullptr;
}

std::string_view name_of(FaultPoint point) {
  for (const FaultPointInfo& info : kFaultPoints)
    if (info.point == point)
      return info.name;
  return "";
}

Status unknown_point(std::string_view name) {
  std::vector<std::string> names;
  for (const FaultPointInfo& info : kFaultPoints)
    names.emplace_back(info.name);
  const auto near = nearest(name, names);
  return invalid_argument("there is no fault point \"" + std::string(name) + "\"" +
                          (near ? "; did you mean \"" + *near + "\"?" : "; `penstock faults` lists them"));
}

// The part of `text` up to the separator, which is taken off with it.
std::string_view take(std::string_view& text, char separator) {
  const size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

Status parse_action(std::string_view text, Fault& fault) {
  if (text == "fail") {
    fault.action = Fault::Action::kFail;
  } else if (text == "crash") {
    fault.action = Fault::Action::kCrash;
  } else if (text.starts_with("delay=")) {
    fault.action = Fault::Action::kDelay;
    PENSTOCK_ASSIGN(fault.delay, parse_duration(text.substr(6)));
  } else {
    return invalid_argument("the action \"" + std::string(text) + "\" is none of fail, crash, delay=DURATION");
  }
  return ok();
}

Status parse_when(std::string_view text, Fault& fault) {
  if (text.starts_with('@')) {
    fault.nth = number<uint64_t>(text.substr(1));
    if (!fault.nth || *fault.nth == 0)
      return invalid_argument("\"" + std::string(text) + "\" is no count: write @3 for the third time");
    return ok();
  }
  const auto probability = number<double>(text);
  if (!probability || !(*probability >= 0 && *probability <= 1))
    return invalid_argument("\"" + std::string(text) + "\" is no probability between 0 and 1, and no @N");
  fault.probability = *probability;
  return ok();
}

Result<Fault> parse_fault(std::string_view text) {
  Fault fault{};
  const std::string_view name = take(text, ':');
  const FaultPointInfo* info = find(name);
  if (!info)
    return unknown_point(name);
  fault.point = info->point;
  PENSTOCK_TRY(parse_action(take(text, ':'), fault));
  if (!text.empty())
    PENSTOCK_TRY(parse_when(text, fault));
  return fault;
}

}  // namespace

Status set_faults(std::string_view spec, uint64_t seed) {
  std::vector<Fault> parsed;
  while (!spec.empty()) {
    const std::string_view part = take(spec, ',');
    auto fault = parse_fault(part);
    if (!fault.ok())
      return fault.status().with_context("fault \"" + std::string(part) + "\"");
    parsed.push_back(*std::move(fault));
  }
  const std::lock_guard lock(faults().mutex);
  faults().list = std::move(parsed);
  faults().random = Random(seed);
  fault_detail::any_on = !faults().list.empty();
  return ok();
}

void clear_faults() { (void)set_faults("", 0); }

Status fault_detail::hit_slowly(FaultPoint point) {
  Duration delay;
  Status status;
  {
    const std::lock_guard lock(faults().mutex);
    for (Fault& fault : faults().list) {
      if (fault.point != point)
        continue;
      ++fault.hits;
      if (fault.nth ? fault.hits != *fault.nth : faults().random.uniform() >= fault.probability)
        continue;
      switch (fault.action) {
        case Fault::Action::kFail:
          status = unavailable("fault point " + std::string(name_of(point)) + " is switched on");
          break;
        case Fault::Action::kCrash: std::raise(SIGKILL); break;
        case Fault::Action::kDelay: delay.micros += fault.delay.micros; break;
      }
    }
  }
  if (delay.micros > 0)
    std::this_thread::sleep_for(std::chrono::microseconds(delay.micros));
  return status;
}

}  // namespace penstock
