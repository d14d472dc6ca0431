#include "monitoring/series.h"

#include <functional>
#include <mutex>

namespace penstock::monitoring {

SeriesTable::SeriesTable(const std::string& topology) {
  const prometheus::Labels labels = {{"topology", topology}};
  for (const MetricInfo& metric : metric_list()) {
    const auto family = [&](auto builder) -> Family {
      return &builder.Name(metric.name).Help(metric.meaning).Labels(labels).Register(registry_);
    };
    switch (metric.type) {
      case MetricType::kCounter: families_.push_back(family(prometheus::BuildCounter())); break;
      case MetricType::kGauge: families_.push_back(family(prometheus::BuildGauge())); break;
      case MetricType::kHistogram: families_.push_back(family(prometheus::BuildHistogram())); break;
    }
  }
}

SeriesTable::KeyView::KeyView(Metric m, const Origin* origin, std::string_view first, std::string_view second,
                              std::string_view third)
    : metric(m), a(first), b(second), c(third) {
  if (origin != nullptr)
    id = origin->id, kind = origin->kind, type = origin->type;
}

size_t SeriesTable::Hash::operator()(const KeyView& key) const {
  // The kind and type of a component nearly always follow from its id: left out, equality tells them apart.
  const std::hash<std::string_view> hash;
  size_t sum = static_cast<size_t>(key.metric);
  for (const std::string_view part : {key.id, key.a, key.b, key.c})
    sum = sum * 0x9E3779B97F4A7C15u + (part.empty() ? 0 : hash(part));
  return sum ^ (sum >> 29);
}

SeriesTable::Series SeriesTable::find(const KeyView& key) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = series_.find(key); found != series_.end())
      return found->second;
  }
  const std::unique_lock lock(mutex_);
  return add(key);
}

SeriesTable::Series SeriesTable::add(const KeyView& key) {
  if (const auto found = series_.find(key); found != series_.end())
    return found->second;
  const MetricInfo& metric = info(key.metric);
  prometheus::Labels labels;
  if (metric.component) {
    labels = {{"component_id", std::string(key.id)},
              {"component_kind", std::string(key.kind)},
              {"component_type", std::string(key.type)}};
  }
  const std::string_view values[] = {key.a, key.b, key.c};
  for (size_t i = 0; i < metric.more.size(); ++i)
    if (metric.more[i] != nullptr)
      labels.emplace(metric.more[i], values[i]);
  const Series series = std::visit(
      [&]<class T>(prometheus::Family<T>* family) -> Series {
        if constexpr (std::is_same_v<T, prometheus::Histogram>)
          return &family->Add(labels, latency_buckets());
        else
          return &family->Add(labels);
      },
      families_[static_cast<size_t>(key.metric)]);
  series_.emplace(Key{key.metric, std::string(key.id), std::string(key.kind), std::string(key.type), std::string(key.a),
                      std::string(key.b), std::string(key.c)},
                  series);
  return series;
}

prometheus::Counter& SeriesTable::counter(Metric metric, const Origin* origin, std::string_view a, std::string_view b,
                                          std::string_view c) {
  return *std::get<prometheus::Counter*>(find({metric, origin, a, b, c}));
}

prometheus::Gauge& SeriesTable::gauge(Metric metric, const Origin* origin, std::string_view a, std::string_view b,
                                      std::string_view c) {
  return *std::get<prometheus::Gauge*>(find({metric, origin, a, b, c}));
}

prometheus::Histogram& SeriesTable::histogram(Metric metric, const Origin* origin, std::string_view a,
                                              std::string_view b, std::string_view c) {
  return *std::get<prometheus::Histogram*>(find({metric, origin, a, b, c}));
}

void SeriesTable::set_only(Metric metric, const Origin& origin, std::string_view value, bool remove_others) {
  const KeyView wanted(metric, &origin, value, {}, {});
  const std::unique_lock lock(mutex_);
  for (auto it = series_.begin(); it != series_.end();) {
    const KeyView key(it->first);
    const bool other = key.metric == metric && key.id == wanted.id && key.kind == wanted.kind &&
                       key.type == wanted.type && key.a != value;
    if (other && remove_others) {
      std::get<prometheus::Family<prometheus::Gauge>*>(families_[static_cast<size_t>(metric)])
          ->Remove(std::get<prometheus::Gauge*>(it->second));
      it = series_.erase(it);
      continue;
    }
    if (other)
      std::get<prometheus::Gauge*>(it->second)->Set(0);
    ++it;
  }
  std::get<prometheus::Gauge*>(add(wanted))->Set(1);
}

void SeriesTable::remove(Metric metric, prometheus::Gauge& gauge) {
  const std::unique_lock lock(mutex_);
  std::erase_if(series_, [&](const auto& one) { return one.second == Series(&gauge); });
  std::get<prometheus::Family<prometheus::Gauge>*>(families_[static_cast<size_t>(metric)])->Remove(&gauge);
}

}  // namespace penstock::monitoring
