// Checks that each model version has all of its parts, that each live pointer leads to a version which says that it is
// live, and that no other one says so. Fed with the entries of the model tables, in any order of tables.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "storage/model_state.h"

namespace penstock {

class ModelCheck {
 public:
  /// Takes an entry of any table; those of other tables are passed over.
  void add(std::string_view table, std::string_view key, std::string_view value);
  uint64_t versions() const { return versions_.size(); }
  /// What is wrong, once everything has been added.
  std::vector<std::string> problems() const;

 private:
  struct Parts {
    uint64_t count = 0, bytes = 0;
  };
  struct Version {
    uint64_t bytes = 0;  // it should have
    std::string model;
    ModelState state = ModelState::kArchived;
    bool has_state = true;
  };
  std::map<std::string, Version> versions_;  // version key → what it says
  std::map<std::string, Parts> parts_;       // version key → what there is
  std::map<std::string, std::string> live_;  // model → version
  std::vector<std::string> broken_;
};

}  // namespace penstock
