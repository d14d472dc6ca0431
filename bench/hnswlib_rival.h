// hnswlib as its own users build it: with its own distances and all instructions of this machine.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace penstock::bench {

class HnswlibRival {
 public:
  /// By inner product, M 16, efConstruction 100, added by `threads` threads.
  HnswlibRival(const float* rows, int64_t count, int width, int threads);
  ~HnswlibRival();
  HnswlibRival(const HnswlibRival&) = delete;
  HnswlibRival& operator=(const HnswlibRival&) = delete;

  void set_breadth(size_t ef);
  /// In no order.
  std::vector<int32_t> search(const float* x, size_t n) const;
  size_t memory() const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace penstock::bench
