// One evaluation of an expression over a batch: the memory of its intermediate values and the errors of its rows. Belongs
// to one thread; the memory is kept for the thread's next evaluation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "messages/record_batch.h"
#include "sql/expression.h"
#include "sql/vector.h"

namespace penstock::sql {

/// Memory that is handed out piece by piece and taken back all at once.
class Arena {
 public:
  char* allocate(size_t bytes);
  void reset();

 private:
  struct Chunk {
    std::unique_ptr<char[]> memory;
    size_t size;
  };
  std::vector<Chunk> chunks_;
  size_t chunk_ = 0;  // the one in use
  size_t used_ = 0;   // bytes of it
};

class Context {
 public:
  /// `batch` may be null where no column is read (constants).
  Context(const RecordBatch* batch, size_t physical_rows);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const RecordBatch& batch() const { return *batch_; }
  size_t physical() const { return physical_; }

  /// Room for `count` values, not initialised.
  template <class T>
  T* array(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return reinterpret_cast<T*>(arena_->allocate(count * sizeof(T)));
  }
  /// One value a physical row.
  template <class T>
  T* column() {
    return array<T>(physical_);
  }
  /// A bit a physical row, all set to `value`.
  uint64_t* bits(bool value);
  std::string_view copy(std::string_view text);

  /// The rows where both are valid (null: all are).
  const uint64_t* both(const uint64_t* a, const uint64_t* b);

  /// Notes why a physical row has no value; the first reason counts.
  void error(size_t row, std::string message);
  bool failed() const { return failed_ != nullptr; }
  bool failed(size_t row) const { return failed_ && ((failed_[row >> 6] >> (row & 63)) & 1); }
  /// The errors by physical row, ascending.
  std::vector<RowError> take_errors();

 private:
  const RecordBatch* batch_;
  size_t physical_;
  std::unique_ptr<Arena> arena_;
  std::vector<RowError> errors_;
  uint64_t* failed_ = nullptr;
};

}  // namespace penstock::sql
