// Requests that a version in shadow is to answer too, until somebody has time for it. Bounded: where there is too much to do
// further ones are dropped. Thread safe.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace penstock {

class ShadowQueue {
 public:
  struct Request {
    std::string user;
    std::vector<std::string> items;  // that the live version answered, best first
  };
  explicit ShadowQueue(size_t limit = 256) : limit_(limit) {}

  /// No if it is full.
  bool offer(Request request) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= limit_)
      return false;
    waiting_.push_back(std::move(request));
    return true;
  }
  std::optional<Request> take() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty())
      return std::nullopt;
    Request next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
  }

 private:
  const size_t limit_;
  std::mutex mutex_;
  std::deque<Request> waiting_;
};

/// Share of `a` that is in `b` too; 1 if `a` is empty.
double overlap(const std::vector<std::string>& a, const std::vector<std::string>& b);
/// Spearman's ρ = 1 − 6 Σ d² / (n (n² − 1)) of the places of the n items that are in both, each list numbered among those;
/// 1 for fewer than two.
double rank_correlation(const std::vector<std::string>& a, const std::vector<std::string>& b);

}  // namespace penstock
