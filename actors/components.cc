#include "actors/components.h"

#include <cassert>

#include "actors/aggregators/await_ack.h"
#include "actors/aggregators/bandit_type.h"
#include "actors/aggregators/choose.h"
#include "actors/aggregators/dedupe.h"
#include "actors/aggregators/enrich.h"
#include "actors/aggregators/experiment_type.h"
#include "actors/aggregators/features.h"
#include "actors/aggregators/join.h"
#include "actors/aggregators/logistic.h"
#include "actors/aggregators/rate_limit.h"
#include "actors/aggregators/reduce.h"
#include "actors/aggregators/sessionize.h"
#include "actors/aggregators/sort.h"
#include "actors/aggregators/window.h"
#include "actors/jobs/job.h"
#include "actors/recommenders/recommender_type.h"
#include "actors/servers/http_type.h"
#include "actors/sinks/file.h"
#include "actors/sinks/http.h"
#include "actors/sinks/kafka.h"
#include "actors/sinks/result_file.h"
#include "actors/sinks/sql.h"
#include "actors/sources/file.h"
#include "actors/sources/http.h"
#include "actors/sources/impressions.h"
#include "actors/sources/kafka.h"
#include "actors/sources/nexmark.h"
#include "actors/sources/recommendations.h"
#include "actors/sources/sql.h"
#include "actors/sources/synthetic.h"
#include "actors/stages/buffer.h"
#include "actors/stages/explode.h"
#include "actors/stages/filter.h"
#include "actors/stages/map.h"
#include "actors/stages/output.h"
#include "actors/stages/query.h"
#include "actors/stages/route.h"
#include "actors/stages/sample.h"
#include "actors/stages/union.h"
#include "actors/stages/validate.h"
#include "actors/trainers/model_component.h"
#include "actors/trainers/model_types.h"

namespace penstock {
namespace {

std::vector<ComponentEntry> all_components() {
  std::vector<ComponentEntry> list = {
      {file_source_type(), MakeSource(make_file_source)},
      {http_source_type(), NothingToMake{}},
      {kafka_source_type(), MakeSource(make_kafka_source)},
      {sql_source_type(), MakeSource(make_sql_source)},
      {synthetic_type(), MakeSource(make_synthetic)},
      {nexmark_type(), MakeSource(make_nexmark)},
      {impressions_type(), NothingToMake{}},
      {recommendations_type(), NothingToMake{}},
      {filter_type(), MakeStage(make_filter)},
      {map_type(), MakeStage(make_map)},
      {union_type(), MakeStage(make_union)},
      {validate_type(), MakeStage(make_validate)},
      {route_type(), MakeStage(make_route)},
      {explode_type(), MakeStage(make_explode)},
      {sample_type(), MakeStage(make_sample)},
      {buffer_type(), MakeStage(make_buffer)},
      {reduce_type(), MakeAggregator(make_reduce)},
      {sort_type(), MakeAggregator(make_sort)},
      {window_type(), MakeAggregator(make_window)},
      {join_type(), MakeAggregator(make_join)},
      {dedupe_type(), MakeAggregator(make_dedupe)},
      {sessionize_type(), MakeAggregator(make_sessionize)},
      {await_ack_type(), MakeAggregator(make_await_ack)},
      {choose_type(), MakeAggregator(make_choose)},
      {rate_limit_type(), MakeAggregator(make_rate_limit)},
      {features_type(), MakeAggregator(make_feature_store)},
      {enrich_type(), MakeAggregator(make_enrich)},
      {query_type(), NothingToMake{}},
      {output_type(), MakeStage(make_output)},
      {file_sink_type(), MakeSink(make_file_sink)},
      {http_sink_type(), MakeSink(make_http_sink)},
      {kafka_sink_type(), MakeSink(make_kafka_sink)},
      {sql_sink_type(), MakeSink(make_sql_sink)},
      {result_file_type(), NothingToMake{}},
      {logistic_type(), MakeAggregator(make_logistic)},
      {bandit_type(), MakeAggregator(make_bandit)},
      {experiment_type(), MakeAggregator(make_experiment)},
      {http_type(), NothingToMake{}},
      {blend_type(), NothingToMake{}},
      {job_type(), NothingToMake{}},
  };
  for (topology::ComponentType& model : model_component_types())
    list.push_back({std::move(model), MakeModel(make_model_component)});
  return list;
}

std::vector<ComponentEntry>& known_components() {
  static std::vector<ComponentEntry> list = all_components();
  return list;
}

}  // namespace

void add_component(ComponentEntry entry) { known_components().push_back(std::move(entry)); }

const std::vector<ComponentEntry>& components() { return known_components(); }

const topology::Catalogue& catalogue() {
  static const topology::Catalogue known = [] {
    std::vector<topology::ComponentType> types;
    for (const ComponentEntry& entry : components())
      types.push_back(entry.type);
    return topology::Catalogue(std::move(types));
  }();
  return known;
}

const ComponentEntry& component_entry(topology::Role role, std::string_view type) {
  const std::vector<ComponentEntry>& list = components();
  for (const ComponentEntry& entry : list)
    if (entry.type.role == role && entry.type.name == type)
      return entry;
  assert(false && "the checker lets only known types through");
  return list.front();
}

}  // namespace penstock
