// Threads of one training: they take tasks by an atomic counter, and the caller waits. Used by one thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace penstock {

/// From here on the kernel prefers other threads to the calling one, if the system allows it.
void lower_thread_priority();

class Workers {
 public:
  /// `task` is below the number given to run(), `worker` below size().
  using Task = std::function<void(int64_t task, int worker)>;

  /// At low priority the kernel prefers other threads. Requires: threads >= 1.
  Workers(int threads, bool low_priority);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int size() const { return static_cast<int>(threads_.size()); }
  /// Runs tasks 0 to `tasks` − 1, which must not throw, and returns when all are done. Who runs which is not fixed, so
  /// a result may depend on the task's number but not on the worker's.
  void run(int64_t tasks, const Task& task);

 private:
  void work(int worker);

  const Task* task_ = nullptr;  // of the present round
  int64_t tasks_ = 0;
  std::atomic<int64_t> next_{0};
  std::atomic<int> busy_{0};
  std::atomic<uint32_t> round_{0};
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace penstock
