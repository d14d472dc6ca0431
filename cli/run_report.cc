#include "cli/run_report.h"

#include <cmath>
#include <cstdio>

#include "core/clock.h"

namespace penstock::cli {
namespace {

constexpr uint64_t kProgressSteps = 1000;

double metric(const ModelVersion& version, const std::string& name) {
  for (const auto& [known, value] : version.metrics)
    if (known == name)
      return value;
  return std::nan("");
}

void show_quality(const char* who, const ModelVersion& version, const std::string& prefix) {
  std::printf("    %-22s NDCG@10 %.4f   HR@10 %.4f\n", who, metric(version, prefix + "ndcg@10"),
              metric(version, prefix + "hr@10"));
}

}  // namespace

RunReport::RunReport(const topology::Plan& plan, std::string data_dir) : plan_(plan), data_dir_(std::move(data_dir)) {}

void RunReport::started() {
  std::printf("Penstock runs %s. Its data is in %s. Ctrl-C ends it.\n", plan_.topology.name.c_str(), data_dir_.c_str());
  for (const std::string& url : urls_)
    std::printf("  listening on %s\n", url.c_str());
  for (const topology::BoundComponent& bound : plan_.topology.components)
    if (bound.component.role == topology::Role::kSource && bound.component.type == "http" && !urls_.empty())
      std::printf("  taking %s at %s%s\n", bound.component.id.c_str(), urls_.front().c_str(),
                  bound.component.text("path").c_str());
  std::fflush(stdout);
}

void RunReport::update(const NodeStatus& status) {
  for (const ComponentStatus& component : status.components)
    if (component.role == "source" && component.progress >= 0)
      show_progress(component.id, "reading " + component.id, component.state == "finished" ? 1 : component.progress,
                    with_separators(component.records) + " records");
  for (const ModelStatus& model : status.models) {
    if (model.state == "training")
      show_progress(model.id, "training " + model.id, std::max(model.progress, 0.0), model.message);
    if (!model.live || shown_[model.id] == model.live->version)
      continue;
    progress_.erase(model.id);
    shown_[model.id] = model.live->version;
    show_model(*model.live);
    if (shown_.size() == 1)
      show_requests(model.id);
  }
}

void RunReport::show_progress(const std::string& id, const std::string& title, double progress,
                              const std::string& note) {
  auto& shown = progress_[id];
  if (!shown)
    shown = std::make_unique<Progress>(title, "");
  shown->update(static_cast<uint64_t>(progress * kProgressSteps), kProgressSteps, note);
  if (progress >= 1)
    shown->finish();
}

void RunReport::show_model(const ModelVersion& version) {
  std::printf("\nModel %s, version %llu (%s), is live: %s events of %s users with %s items, trained in %s.\n",
              version.model.c_str(), static_cast<unsigned long long>(version.version), version.type.c_str(),
              with_separators(version.interactions).c_str(), with_separators(version.users).c_str(),
              with_separators(version.items).c_str(), short_seconds(version.seconds).c_str());
  if (!std::isnan(metric(version, "ndcg@10"))) {
    std::printf(
        "  How good it is on the newest events, which it had not seen (every item ranked, those in a user's past\n"
        "  left out):\n");
    show_quality(version.model.c_str(), version, "");
    show_quality("most popular", version, "most_popular.");
    show_quality("random", version, "random.");
  }
  std::fflush(stdout);
}

void RunReport::show_requests(const std::string& model) {
  if (urls_.empty())
    return;
  const char* url = urls_.front().c_str();
  std::printf("\nTry, in another terminal:\n");
  std::printf("  curl '%s/v1/users/1/recommendations?n=5'\n", url);
  std::printf("  curl '%s/v1/items/1/similar?n=5'\n", url);
  for (const topology::BoundComponent& bound : plan_.topology.components)
    if (bound.binding.is_view) {
      std::printf("  curl '%s/v1/views/%s?limit=5'\n", url, bound.component.id.c_str());
      break;
    }
  std::printf("  curl -X POST '%s/v1/models/%s/train'\n", url, model.c_str());
  std::printf("  curl '%s/metrics'\n\n", url);
  std::fflush(stdout);
}

void RunReport::stopping() {
  progress_.clear();
  stop_begun_ = Clock::system().monotonic_nanos();
  std::printf("\nStopping: what was accepted is being committed.\n");
  std::fflush(stdout);
}

void RunReport::stopped() {
  const double seconds = static_cast<double>(Clock::system().monotonic_nanos() - stop_begun_) * 1e-9;
  std::printf("Stopped after %.1f s. Start it again and it goes on where it was.\n", seconds);
  std::fflush(stdout);
}

}  // namespace penstock::cli
