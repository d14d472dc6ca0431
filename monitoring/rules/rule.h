// What an alert and a recorded expression are: plain values. The lists of them are in the other files of this folder, one
// group a file; rules.h has them all, rules_yaml.h writes them as Prometheus reads them.
#pragma once

#include <string>
#include <vector>

namespace penstock::monitoring {

enum class Severity {
  kWarning,   // somebody looks at it within a working day
  kCritical,  // somebody gets up: answers, data or the node itself are at stake
};

struct AlertRule {
  std::string name;        // PenstockApiErrors; the runbook has an entry of the same name
  std::string expression;  // PromQL; each series that it gives is one alert
  std::string hold;        // how long it has to be so before the alert fires: `5m`; `0s`: at once
  Severity severity;
  std::string summary;      // one line, what and where
  std::string description;  // what it means, with values; templates of Prometheus in both
};

/// An expression whose result Prometheus keeps as a series of its own, because an alert looks at its past.
struct RecordingRule {
  std::string record;
  std::string expression;
};

struct RuleGroup {
  std::string name;  // and the name of its file
  std::string about;
  std::vector<RecordingRule> recordings;
  std::vector<AlertRule> alerts;
};

}  // namespace penstock::monitoring
