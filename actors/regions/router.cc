#include "actors/regions/router.h"

#include <cassert>

#include "messages/key.h"

namespace penstock {

Router::Router(const topology::Routing& routing, const Schema& schema, uint32_t workers) : workers_(workers) {
  assert(workers > 0);
  for (const std::string& name : routing.columns) {
    const auto index = schema.index_of(name);
    assert(index);
    columns_.push_back(*index);
  }
}

std::vector<std::pair<uint32_t, BatchPtr>> Router::split(const BatchPtr& batch) const {
  if (batch->rows() == 0)
    return {};
  if (workers_ == 1 || columns_.empty())
    return {{0, batch}};
  std::vector<Selection> rows(workers_);
  std::string key;
  for (size_t i = 0; i < batch->rows(); ++i) {
    const size_t row = batch->row(i);
    key.clear();
    append_key(*batch, columns_, row, key);
    rows[route_key(key, workers_)].push_back(static_cast<uint32_t>(row));
  }
  std::vector<std::pair<uint32_t, BatchPtr>> parts;
  for (uint32_t worker = 0; worker < workers_; ++worker)
    if (!rows[worker].empty())
      parts.emplace_back(worker, batch->select(std::move(rows[worker])));
  return parts;
}

}  // namespace penstock
