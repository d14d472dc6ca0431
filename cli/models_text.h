// What a node says about its models, for people. Each takes the node's answer; errors: internal (it is not what this version
// expects).
#pragma once

#include <ostream>
#include <string>

#include "core/status.h"

namespace penstock::cli {

/// GET /v1/models/{name}: a line for each version.
Status print_versions(const std::string& answer, std::ostream& out);
/// The same: how the model stands.
Status print_model(const std::string& answer, std::ostream& out);
/// A version with everything that is known of it.
Status print_version(const std::string& answer, std::ostream& out);
/// GET /v1/models/{name}/rollout.
Status print_rollout(const std::string& answer, std::ostream& out);
/// Two versions side by side: what differs between them, and their metrics.
Status print_difference(const std::string& a, const std::string& b, std::ostream& out);
/// `taste: version 3 is live now (promoted by hand)`.
Status print_moved(const std::string& model, const std::string& answer, std::ostream& out);

}  // namespace penstock::cli
