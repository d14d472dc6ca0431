// Rules as the files that Prometheus reads, and how Alertmanager groups what they give.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace penstock::monitoring {

/// Name (`node.yaml`) and text of one rule file a group. `runbook`: where docs/runbook.md can be read, a path or address
/// without `#`; each alert's runbook_url is it with the anchor of the alert's entry.
std::vector<std::pair<std::string, std::string>> alert_files(const std::string& runbook);

/// The text of alertmanager.yml: grouping, what silences what, and a webhook to fill in.
std::string alertmanager_config();

/// The anchor of a heading that is the alert's name, as GitHub and others make it: `penstockapierrors`.
std::string runbook_anchor(const std::string& alert);

}  // namespace penstock::monitoring
