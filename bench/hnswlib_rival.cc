#include "bench/hnswlib_rival.h"

#include <atomic>
#include <thread>

// The library is in the program already, built for any machine (models/graph_index.cc): this one needs names of its own.
#define hnswlib rival_hnswlib
#include <hnswlib/hnswlib.h>

namespace penstock::bench {

struct HnswlibRival::Graph {
  Graph(int width, int64_t count) : space(width), links(&space, count, 16, 100) {}
  rival_hnswlib::InnerProductSpace space;
  rival_hnswlib::HierarchicalNSW<float> links;
};

HnswlibRival::HnswlibRival(const float* rows, int64_t count, int width, int threads)
    : graph_(std::make_unique<Graph>(width, count)) {
  std::atomic<int64_t> next = 0;
  std::vector<std::thread> team;
  for (int thread = 0; thread < threads; ++thread) {
    team.emplace_back([&] {
      for (int64_t row = next++; row < count; row = next++)
        graph_->links.addPoint(rows + row * width, row);
    });
  }
  for (std::thread& thread : team)
    thread.join();
}

HnswlibRival::~HnswlibRival() = default;

void HnswlibRival::set_breadth(size_t ef) { graph_->links.setEf(ef); }

std::vector<int32_t> HnswlibRival::search(const float* x, size_t n) const {
  std::vector<int32_t> items;
  for (auto found = graph_->links.searchKnn(x, n); !found.empty(); found.pop())
    items.push_back(static_cast<int32_t>(found.top().second));
  return items;
}

size_t HnswlibRival::memory() const { return graph_->links.max_elements_ * graph_->links.size_data_per_element_; }

}  // namespace penstock::bench
