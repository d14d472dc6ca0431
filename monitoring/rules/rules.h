// The one list of all alert rules. Groups in the order of the runbook.
#pragma once

#include "monitoring/rules/rule.h"

namespace penstock::monitoring {

RuleGroup node_rules();
RuleGroup serving_rules();
RuleGroup dataflow_rules();
RuleGroup store_rules();
RuleGroup kafka_rules();
RuleGroup model_rules();
RuleGroup job_rules();

const std::vector<RuleGroup>& rule_groups();

}  // namespace penstock::monitoring
