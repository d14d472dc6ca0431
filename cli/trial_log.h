// The trials of a search as a file of JSON lines: appended one by one, read again when the search goes on.
//
//   {"search":"...","trial":3,"value":0.0412,"seconds":1.9,"parameters":{"factors":"64",...},"error":"..."}
//
// `search` names what makes trials comparable: model, protocol, metric, data. Lines of another search are passed over.
#pragma once

#include <string>
#include <vector>

#include "core/status.h"
#include "models/tuning.h"

namespace penstock::cli {

struct LoggedTrial {
  Trial trial;
  double seconds = 0;
  std::string error = {};  // empty: it was measured
};

class TrialLog {
 public:
  /// Reads what is there; a file that is not there is empty. A last line that was cut off by a crash is passed over. Errors:
  /// unavailable, invalid_argument (a line that is none, with its number).
  static Result<TrialLog> open(std::string path, std::string search);
  /// Errors: unavailable.
  Status add(const LoggedTrial& trial);

  const std::vector<LoggedTrial>& trials() const { return trials_; }
  size_t others() const { return others_; }  // lines of other searches

 private:
  TrialLog(std::string path, std::string search) : path_(std::move(path)), search_(std::move(search)) {}

  std::string path_;
  std::string search_;
  std::vector<LoggedTrial> trials_;
  size_t others_ = 0;
};

}  // namespace penstock::cli
