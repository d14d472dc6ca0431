#include "monitoring/rules/rules.h"

namespace penstock::monitoring {

const std::vector<RuleGroup>& rule_groups() {
  static const std::vector<RuleGroup> groups = {node_rules(),  serving_rules(), dataflow_rules(), store_rules(),
                                                kafka_rules(), model_rules(),   job_rules()};
  return groups;
}

}  // namespace penstock::monitoring
