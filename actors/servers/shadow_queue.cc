#include "actors/servers/shadow_queue.h"

#include <algorithm>

namespace penstock {
namespace {

std::vector<std::string> of_both(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> both;
  std::ranges::copy_if(a, std::back_inserter(both),
                       [&](const std::string& item) { return std::ranges::count(b, item) > 0; });
  return both;
}

}  // namespace

double overlap(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return a.empty() ? 1 : static_cast<double>(of_both(a, b).size()) / static_cast<double>(a.size());
}

double rank_correlation(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const std::vector<std::string> places = of_both(a, b), others = of_both(b, a);
  const auto n = static_cast<double>(places.size());
  if (places.size() < 2)
    return 1;
  double squares = 0;
  for (size_t place = 0; place < places.size(); ++place) {
    const auto d =
        static_cast<double>(std::ranges::find(others, places[place]) - others.begin()) - static_cast<double>(place);
    squares += d * d;
  }
  return 1 - 6 * squares / (n * (n * n - 1));
}

}  // namespace penstock
