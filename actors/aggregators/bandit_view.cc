// What servers read of a bandit as a view: a row for each arm.
#include <mutex>

#include "actors/aggregators/bandit.h"

namespace penstock {

SchemaPtr Bandit::view_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{
      {"arm", Type::kString, true}, {"trials", Type::kInt64, true}, {"reward", Type::kFloat64, true}});
  return schema;
}

void Bandit::append_row(const std::string& name, const BanditArm& arm, BatchBuilder& rows) const {
  rows.column(0).append_string(name);
  rows.column(1).append_int64(static_cast<int64_t>(arm.trials));
  rows.column(2).append_float64(arm.reward);
}

Result<BatchPtr> Bandit::lookup(const std::vector<std::string>& key) const {
  if (key.size() != 1)
    return invalid_argument("the key has 1 values (arm), not " + std::to_string(key.size()));
  const std::shared_lock lock(mutex_);
  const auto found = learnt_.find(key.front());
  if (found == learnt_.end())
    return BatchPtr();
  BatchBuilder rows(view_schema());
  append_row(found->first, found->second, rows);
  return rows.finish();
}

Result<BatchPtr> Bandit::read_all(size_t limit) const {
  const std::shared_lock lock(mutex_);
  BatchBuilder rows(view_schema());
  for (auto it = learnt_.begin(); it != learnt_.end() && rows.rows() < limit; ++it)
    append_row(it->first, it->second, rows);
  return rows.finish();
}

size_t Bandit::keys() const {
  const std::shared_lock lock(mutex_);
  return learnt_.size();
}

size_t Bandit::memory() const {
  const std::shared_lock lock(mutex_);
  size_t bytes = join_.memory();
  for (const auto& [name, arm] : learnt_)
    bytes += 3 * arm.memory() + name.size();  // with its solution
  return bytes;
}

}  // namespace penstock
