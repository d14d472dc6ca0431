// What a decoder does with fields of a record that the schema does not have.
#pragma once

#include <string>

namespace penstock {

struct UnknownFields {
  enum class Policy {
    kDrop,    // passed over
    kKeep,    // put together as one object into a json column
    kReject,  // the record is an error; in CSV, where all records have the same fields, the whole text is
  };
  Policy policy = Policy::kDrop;
  std::string column = {};  // of kKeep, and of the schema; null where there is nothing to keep
};

}  // namespace penstock
