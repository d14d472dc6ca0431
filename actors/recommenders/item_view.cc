#include "actors/recommenders/item_view.h"

#include <algorithm>
#include <limits>

namespace penstock {
namespace {

constexpr int64_t kLookAgainNanos = 1'000'000'000;

bool same_worker(const std::weak_ptr<const Aggregator>& a, const std::shared_ptr<Aggregator>& b) {
  return !a.owner_before(b) && !b.owner_before(a);
}

}  // namespace

ItemView::ItemView(Runtime* runtime, const RecommenderPlan& plan, const std::string& id)
    : runtime_(runtime), plan_(plan), memory_(runtime->memory, "recommender." + id) {}

std::shared_ptr<const AllowedItems> ItemView::fresh_enough() const {
  const std::lock_guard lock(mutex_);
  return current_ && runtime_->clock.monotonic_nanos() - looked_ < kLookAgainNanos ? current_ : nullptr;
}

Result<std::shared_ptr<const AllowedItems>> ItemView::current() {
  if (auto fresh = fresh_enough())
    return fresh;
  std::unique_lock building(build_mutex_, std::try_to_lock);
  if (!building) {
    {
      const std::lock_guard lock(mutex_);
      if (current_)
        return current_;
    }
    building.lock();
    if (auto fresh = fresh_enough())
      return fresh;
  }
  const ViewRegistry::Workers workers = runtime_->views.get(plan_.items);
  std::shared_ptr<const AllowedItems> known;
  {
    const std::lock_guard lock(mutex_);
    known = current_;
  }
  const bool starting = std::any_of(workers.begin(), workers.end(), [](const auto& worker) { return !worker; });
  if (starting && !known)
    return failed_precondition("view \"" + plan_.items + "\" is still starting; ask again in a moment");
  if (!starting && (!known || !is_current(workers))) {
    if (known && runtime_->options.detached) {
      build_beside(workers);
    } else {
      PENSTOCK_ASSIGN(known, build(workers));
    }
  }
  publish(known);
  return known;
}

void ItemView::publish(std::shared_ptr<const AllowedItems> items) {
  const std::lock_guard lock(mutex_);
  current_ = std::move(items);
  looked_ = runtime_->clock.monotonic_nanos();
}

// Requires: the build lock is held, so that no two begin.
void ItemView::build_beside(const ViewRegistry::Workers& workers) {
  if (building_)
    return;
  building_ = true;
  builder_ = std::jthread([this, workers] {
    {
      const std::lock_guard lock(build_mutex_);
      if (auto built = build(workers); built.ok())  // else the one before stays, and the next look tries again
        publish(std::move(built).value());
    }
    building_ = false;
  });
}

bool ItemView::is_current(const ViewRegistry::Workers& workers) const {
  return std::equal(workers.begin(), workers.end(), stamps_.begin(), stamps_.end(),
                    [](const auto& worker, const Stamp& stamp) {
                      return same_worker(stamp.worker, worker) && stamp.changes == worker->changes();
                    });
}

Result<std::shared_ptr<const AllowedItems>> ItemView::build(const ViewRegistry::Workers& workers) {
  std::vector<Stamp> stamps;
  std::vector<BatchPtr> parts;
  for (const auto& worker : workers) {
    stamps.push_back({worker, worker->changes()});  // before reading: what changes meanwhile is read again
    PENSTOCK_ASSIGN(BatchPtr part, worker->read_all(std::numeric_limits<uint32_t>::max()));
    parts.push_back(std::move(part));
  }
  const BatchPtr rows = parts.size() == 1 ? parts.front() : concatenate(parts);
  auto made = std::make_shared<const AllowedItems>(RowTable(rows, plan_.item_key, plan_.coded), plan_.rules, ++built_);
  stamps_ = std::move(stamps);
  memory_.set(made->memory());
  return std::shared_ptr<const AllowedItems>(std::move(made));
}

BatchPtr row_of(const Runtime& runtime, const std::string& view, const std::string& key) {
  for (const auto& worker : runtime.views.get(view)) {
    if (!worker)
      continue;
    const Result<BatchPtr> row = worker->lookup({key});
    if (row.ok() && *row && (*row)->rows() > 0)
      return *row;
  }
  return nullptr;
}

}  // namespace penstock
