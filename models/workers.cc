#include "models/workers.h"

#if defined(__linux__)
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace penstock {
namespace {

// A round takes milliseconds and the next one follows within microseconds: looking a little before sleeping spares most
// of the wake-ups.
constexpr int kLooks = 2000;

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

template <class T>
void wait_while(const std::atomic<T>& place, T value) {
  for (int look = 0; look < kLooks; ++look) {
    if (place.load(std::memory_order_acquire) != value)
      return;
    pause_briefly();
  }
  place.wait(value, std::memory_order_acquire);
}

}  // namespace

void lower_thread_priority() {
#if defined(__linux__)
  // Both may be refused by the system; then the thread keeps its priority. On Linux, nice belongs to the thread.
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 10);
  const sched_param none{};
  (void)sched_setscheduler(0, SCHED_BATCH, &none);
#endif
}

Workers::Workers(int threads, bool low_priority) {
  for (int worker = 0; worker < threads; ++worker) {
    threads_.emplace_back([this, worker, low_priority] {
      if (low_priority)
        lower_thread_priority();
      work(worker);
    });
  }
}

Workers::~Workers() {
  stop_ = true;
  ++round_;
  round_.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
}

void Workers::run(int64_t tasks, const Task& task) {
  if (tasks == 0)
    return;
  task_ = &task;
  tasks_ = tasks;
  next_ = 0;
  busy_ = size();
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (int left = busy_.load(std::memory_order_acquire); left != 0; left = busy_.load(std::memory_order_acquire))
    busy_.wait(left, std::memory_order_acquire);
}

void Workers::work(int worker) {
  for (uint32_t seen = 0;; ++seen) {
    wait_while(round_, seen);
    if (stop_)
      return;
    for (int64_t task = next_.fetch_add(1); task < tasks_; task = next_.fetch_add(1))
      (*task_)(task, worker);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      busy_.notify_all();
  }
}

}  // namespace penstock
