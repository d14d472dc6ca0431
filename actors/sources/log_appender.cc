#include "actors/sources/log_appender.h"

#include "messages/batch_codec.h"

namespace penstock {
namespace {

topology::Routing routing_by(const std::string& key) {
  topology::Routing routing{topology::Routing::Kind::kExchange, {}};
  if (!key.empty())
    routing.columns.push_back(key);
  return routing;
}

}  // namespace

LogAppender::LogAppender(std::string log, const Schema& schema, uint32_t partitions, const std::string& key)
    : log_(std::move(log)),
      router_(routing_by(key), schema, partitions),
      partitions_(partitions),
      by_key_(!key.empty()) {}

std::vector<LogAppender::Part> LogAppender::append(const BatchPtr& batch, Timestamp now, WriteBatch& write) const {
  std::vector<Part> parts;
  const uint32_t turn = by_key_ ? 0 : turn_->fetch_add(1) % partitions_;
  for (auto& [worker, rows] : router_.split(batch)) {
    const Partition partition(by_key_ ? worker : turn);
    const BatchPtr dense = rows->selection() ? rows->compact() : rows;
    write.append(log_, partition, encode_batch(*dense), static_cast<uint32_t>(dense->rows()), now);
    parts.push_back({partition, dense});
  }
  return parts;
}

void LogAppender::publish(const std::vector<Part>& parts, const std::vector<Offset>& offsets, BatchCache& cache) const {
  for (size_t i = 0; i < parts.size() && i < offsets.size(); ++i)
    cache.put(log_, parts[i].partition, offsets[i], parts[i].batch);
}

LogAppender source_appender(const topology::Plan& plan, const std::string& id) {
  const topology::BoundComponent& source = *plan.topology.find(id);
  uint32_t partitions = 1;
  for (const topology::PlannedLog& log : plan.logs)
    if (log.name == id)
      partitions = log.partitions;
  const std::string key = source.component.has("key") ? source.component.text("key") : "";
  return LogAppender(id, *source.binding.output, partitions, key);
}

}  // namespace penstock
