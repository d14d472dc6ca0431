// All series of all metrics, found by metric, component and further label values. Needs prometheus-cpp: for .cc files of
// this folder only. Thread safe: finding a known series takes a shared lock and one hash.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "monitoring/event.h"
#include "monitoring/metrics.h"

namespace penstock::monitoring {

class SeriesTable {
 public:
  explicit SeriesTable(const std::string& topology);

  // Requires of each: the metric is of that type. `origin` is null where the metric has no component labels.
  prometheus::Counter& counter(Metric metric, const Origin* origin, std::string_view a = {}, std::string_view b = {},
                               std::string_view c = {});
  prometheus::Gauge& gauge(Metric metric, const Origin* origin, std::string_view a = {}, std::string_view b = {},
                           std::string_view c = {});
  prometheus::Histogram& histogram(Metric metric, const Origin* origin, std::string_view a = {},
                                   std::string_view b = {}, std::string_view c = {});

  /// Sets this series of a gauge to 1 and the others of the component: to 0, or away with them.
  void set_only(Metric metric, const Origin& origin, std::string_view value, bool remove_others);

  /// Requires: nobody uses it any more.
  void remove(Metric metric, prometheus::Gauge& gauge);

  std::vector<prometheus::MetricFamily> collect() const { return registry_.Collect(); }

 private:
  using Family = std::variant<prometheus::Family<prometheus::Counter>*, prometheus::Family<prometheus::Gauge>*,
                              prometheus::Family<prometheus::Histogram>*>;
  using Series = std::variant<prometheus::Counter*, prometheus::Gauge*, prometheus::Histogram*>;
  struct Key {
    Metric metric;
    std::string id, kind, type, a, b, c;
  };
  struct KeyView {
    Metric metric;
    std::string_view id, kind, type, a, b, c;
    KeyView(Metric m, const Origin* origin, std::string_view first, std::string_view second, std::string_view third);
    explicit KeyView(const Key& k) : metric(k.metric), id(k.id), kind(k.kind), type(k.type), a(k.a), b(k.b), c(k.c) {}
    bool operator==(const KeyView&) const = default;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const KeyView& key) const;
    size_t operator()(const Key& key) const { return (*this)(KeyView(key)); }
  };
  struct Equal {
    using is_transparent = void;
    static KeyView view(const Key& key) { return KeyView(key); }
    static const KeyView& view(const KeyView& key) { return key; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return view(a) == view(b);
    }
  };

  Series find(const KeyView& key);
  Series add(const KeyView& key);

  prometheus::Registry registry_;
  std::vector<Family> families_;  // by Metric
  std::shared_mutex mutex_;
  std::unordered_map<Key, Series, Hash, Equal> series_;  // guarded by mutex_
};

}  // namespace penstock::monitoring
