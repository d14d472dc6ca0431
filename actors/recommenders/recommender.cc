#include "actors/recommenders/recommender.h"

#include <algorithm>
#include <cstring>

#include "actors/recommenders/recommender_answer.h"
#include "actors/servers/user_segment.h"

namespace penstock {
namespace {

constexpr size_t kFilters = 256;
constexpr size_t kLongestFilter = 10'000;  // bytes
constexpr uint64_t kBytesAKeptItem = 160;  // id, strategy, reasons

RecommenderPlan plan_of(const Runtime& runtime, const topology::BoundComponent& bound) {
  topology::Diagnostics ignored;  // it was checked
  return plan_recommender(
      bound.component, [&](std::string_view id) { return runtime.plan.topology.find(id); }, ignored);
}

bool any_reads_user(const ItemRules& rules) {
  const auto reads = [](const Condition& condition) { return condition.reads_user(); };
  return std::any_of(rules.must.begin(), rules.must.end(), reads) ||
         std::any_of(rules.exclude.begin(), rules.exclude.end(), reads) ||
         std::any_of(rules.boosts.begin(), rules.boosts.end(), [&](const Boost& b) { return reads(b.condition); });
}

template <class T>
void append_bytes(const T& value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

Recommender::Recommender(Runtime* runtime, const topology::BoundComponent& bound, Answerers answerers)
    : runtime_(runtime),
      id_(bound.component.id),
      plan_(plan_of(*runtime, bound)),
      answerers_(std::move(answerers)),
      origin_{id_, "server", bound.component.type},
      reads_user_(any_reads_user(plan_.rules) || (plan_.rank && plan_.rank->reads_user())),
      filters_(kFilters),
      kept_(plan_.cache_entries),
      kept_memory_(runtime->memory, "recommender." + id_) {
  if (!plan_.items.empty())
    view_ = std::make_unique<ItemView>(runtime, plan_, id_);
}

Result<FilterPtr> Recommender::filter(const std::string& text) const {
  if (text.empty())
    return FilterPtr();
  if (!view_)
    return invalid_argument("recommender \"" + id_ +
                            "\" takes no filter: it declares no items, whose columns a filter could name");
  if (text.size() > kLongestFilter)
    return invalid_argument("the filter has " + std::to_string(text.size()) + " bytes; at most " +
                            std::to_string(kLongestFilter) + " are taken");
  if (const auto known = filters_.get(text))
    return *known;
  const auto compiled = Condition::compile(text, plan_.item_schema, plan_.user_schema);
  if (!compiled.ok()) {
    const sql::Problem& problem = compiled.problem();
    return invalid_argument("the filter, at byte " + std::to_string(problem.offset) + ": " + problem.message +
                            (problem.hint.empty() ? "" : "; " + problem.hint));
  }
  auto made = std::make_shared<const Condition>(*compiled);
  filters_.put(text, made);
  return FilterPtr(std::move(made));
}

Result<std::shared_ptr<const AllowedItems>> Recommender::items() const {
  return view_ ? view_->current() : Result(std::shared_ptr<const AllowedItems>());
}

BatchPtr Recommender::user_row(const std::string& user, const Condition* filter) const {
  const bool needed = reads_user_ || (filter != nullptr && filter->reads_user());
  return needed && !user.empty() && !plan_.users.empty() ? row_of(*runtime_, plan_.users, user) : nullptr;
}

// Everything that a kept answer rests on: versions of models, what the user did, the item table, the user's row.
std::string Recommender::basis(const std::string& user, const AllowedItems* items, const BatchPtr& user_row,
                               const Condition* filter) const {
  std::string out;
  append_bytes(items ? items->version() : 0, out);
  out += plan_.rules.key(user_row.get(), filter);
  for (const Boost& boost : plan_.rules.boosts)
    out += boost.condition.user_values(user_row.get());
  if (plan_.rank && user_row && user_row->rows() > 0)
    for (const RankFeature& feature : plan_.rank->features)
      if (feature.from == RankFeature::From::kUser)
        out += user_row->column(feature.column)->to_string(0) + '\0';
  const auto add = [&](const std::string& id) {
    const ModelServer* model = answerers_.model(id);
    if (model == nullptr)
      return;
    out += "\n" + id + " ";
    if (const ServingPtr serving = model->serving_for(user)) {
      append_bytes(serving->version().version, out);
      append_bytes(serving->fans(), out);
    }
    const std::shared_ptr<const History> history = model->history();
    const auto past = history ? history->user(user) : std::nullopt;
    if (!past)
      return;
    append_bytes(past->newest.micros, out);
    append_bytes(past->items->size(), out);
    double weights = 0;
    for (const HistoryItem& item : *past->items)
      weights += item.weight;
    append_bytes(weights, out);
  };
  for (const RecommenderPlan::Generator& generator : plan_.candidates)
    add(generator.model);
  if (plan_.fallback)
    for (const std::string& step : *plan_.fallback)
      add(step);
  return out;
}

// Answers are about as large as this one.
void Recommender::keep(const std::string& key, const std::shared_ptr<const Kept>& kept) const {
  kept_.put(key, kept);
  const uint64_t bytes =
      sizeof(Kept) + 2 * key.size() + kept->basis.size() + kept->answer.items.size() * kBytesAKeptItem;
  const std::lock_guard lock(memory_mutex_);
  kept_memory_.set(bytes * kept_.size());
}

Result<Recommendation> Recommender::recommend(const RecommendationQuery& query) const {
  const int64_t begun = runtime_->clock.monotonic_nanos();
  PENSTOCK_ASSIGN(const FilterPtr condition, filter(query.filter));
  PENSTOCK_ASSIGN(const std::shared_ptr<const AllowedItems> table, items());
  const BatchPtr row = user_row(query.user, condition.get());
  const auto told = [&](const Recommendation& answer) {
    const double seconds = static_cast<double>(runtime_->clock.monotonic_nanos() - begun) * 1e-9;
    runtime_->monitor.emit(monitoring::RecommenderAnswered{origin_, answer.step.empty() ? "candidates" : answer.step,
                                                           answer.items.size(), answer.cached, seconds,
                                                           user_segment(query, answer)});
    return answer;
  };
  if (plan_.cache_entries == 0 || query.user.empty() || !query.session.empty()) {
    PENSTOCK_ASSIGN(Recommendation answer, RecommenderAnswer(*this, query, table.get(), row, condition.get()).make());
    return told(answer);
  }
  std::string key = query.user + '\0' + query.filter + '\0' + std::to_string(query.n);
  for (const std::string& item : query.exclude)
    key += '\0' + item;
  const std::string basis = this->basis(query.user, table.get(), row, condition.get());
  if (const auto kept = kept_.get(key); kept && (*kept)->basis == basis && begun < (*kept)->until) {
    Recommendation answer = (*kept)->answer;
    answer.cached = true;
    return told(answer);
  }
  PENSTOCK_ASSIGN(Recommendation answer, RecommenderAnswer(*this, query, table.get(), row, condition.get()).make());
  keep(key, std::make_shared<const Kept>(Kept{basis, begun + plan_.cache_for.micros * 1000, answer}));
  return told(answer);
}

Result<Recommendation> Recommender::similar(const std::string& item, size_t n, const std::string& text) const {
  PENSTOCK_ASSIGN(const FilterPtr condition, filter(text));
  PENSTOCK_ASSIGN(const std::shared_ptr<const AllowedItems> table, items());
  const ModelServer* model = answerers_.model(plan_.candidates.front().model);
  const ServingPtr serving = model->serving();
  std::shared_ptr<const ItemSet> allowed;
  if (table && serving)
    allowed = table->items(RecommenderAnswer::name_of(*model, *serving), serving->snapshot().items(), nullptr,
                           condition.get());
  PENSTOCK_ASSIGN(Recommendation answer, model->similar(item, n, allowed.get()));
  answer.recommender = id_;
  return answer;
}

}  // namespace penstock
