#include "topology/explain.h"

#include "topology/result_file.h"

namespace penstock::topology {
namespace {

std::string counted(size_t n, const std::string& noun) { return std::to_string(n) + " " + noun + (n == 1 ? "" : "s"); }

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names)
    out += (out.empty() ? "" : ", ") + name;
  return out;
}

class Text {
 public:
  explicit Text(const Plan& plan) : plan_(plan) {}

  std::string run() {
    head();
    for (const PlannedLog& log : plan_.logs)
      show_log(log);
    for (const PlannedRegion& region : plan_.regions)
      show_region(region);
    show_ends();
    return out_;
  }

 private:
  const BoundComponent& bound(const std::string& id) const { return *plan_.topology.find(id); }
  const std::string& type(const std::string& id) const { return bound(id).component.type; }

  void head() {
    std::vector<std::string> parts;
    for (const Role role : kRoles) {
      size_t count = 0;
      for (const BoundComponent& component : plan_.topology.components)
        count += component.component.role == role ? 1 : 0;
      if (count > 0)
        parts.push_back(counted(count, std::string(role_name(role))));
    }
    out_ += "topology " + plan_.topology.name + ": " + joined(parts) + "\n";
    if (plan_.regions.empty())
      return;
    const Bytes each = plan_.regions.front().in_flight;
    const size_t n = plan_.regions.size();
    out_ += "memory: " + (plan_.memory.count > 0 ? to_string(plan_.memory) : "a share of the machine's") +
            ", of which at most " + to_string(Bytes{each.count * n}) + " in flight (" + counted(n, "region") +
            (n == 1 ? "" : " of " + to_string(each) + " each") + ")\n";
  }

  void show_log(const PlannedLog& log) {
    const Component& filler = bound(log.name).component;
    out_ += "\nlog " + log.name + ": " + counted(log.partitions, "partition") + ", filled by the " +
            std::string(role_name(filler.role)) + " " + filler.id + " (" + filler.type + ")";
    if (log.retain_for)
      out_ += ", kept for " + to_string(*log.retain_for);
    if (log.retain_bytes)
      out_ += ", up to " + to_string(*log.retain_bytes) + " a partition";
    out_ += "\n  " + log.schema->to_string() + "\n";
  }

  void show_region(const PlannedRegion& region) {
    out_ += "\nregion " + region.name + ": reads " + joined(region.reads) + ", commits all or nothing\n";
    for (const PlannedNode& node : region.nodes) {
      out_ += "  " + node.id + "\n";
      out_ += "    does  " + work(node) + "\n";
      for (const PlannedEdge& edge : region.edges)
        if (edge.to == node.id)
          out_ += "    from  " + edge.from + "  " + edge.routing.to_string() + "  " + edge.schema->to_string() + "\n";
      if (node.workers > 1)
        out_ += "    with  " + counted(node.workers, "worker") + "\n";
      if (!node.stages.empty() && bound(node.stages.back()).binding.is_view)
        out_ += "    view  " + view(bound(node.stages.back()).binding) + "\n";
    }
  }

  std::string work(const PlannedNode& node) const {
    if (node.stages.empty())
      return "appends to the log " + node.log;
    if (bound(node.stages.front()).component.role == Role::kModel)
      return "keeps the interactions of each user for the model";
    std::string out;
    for (const std::string& stage : node.stages)
      out += (out.empty() ? "" : " ▸ ") + (node.stages.size() == 1 ? "" : stage + " ") +
             (node.stages.size() == 1 ? type(stage) : "(" + type(stage) + ")");
    return out + (node.aggregator ? ", keeps state" : "") +
           (node.log.empty() ? "" : ", appends to the log " + node.log);
  }

  static std::string view(const Binding& binding) {
    return (binding.key.empty() ? "of all rows" : "by " + joined(binding.key)) + ": " + binding.output->to_string();
  }

  void show_ends() {
    if (plan_.sinks.size() + plan_.models.size() + plan_.servers.size() + plan_.jobs.size() > 0)
      out_ += "\n";
    for (const std::string& id : plan_.sinks)
      out_ += "sink " + id + " (" + type(id) + "): reads the log " + bound(id).component.inputs[0] + "\n";
    for (const std::string& id : plan_.models)
      out_ += "model " + id + " (" + type(id) + "): trains on the log " + bound(id).component.inputs[0] + "\n";
    for (const BoundComponent& asker : plan_.topology.components)
      if (!asker.binding.asks.empty())
        out_ += std::string(role_name(asker.component.role)) + " " + asker.component.id + " (" + asker.component.type +
                "): asks " + joined(asker.binding.asks) + "\n";
    for (const BoundComponent& written : plan_.topology.components)
      if (is_result_file(written.component))
        out_ += "sink " + written.component.id + " (" + written.component.type + "): written by jobs, from " +
                written.component.inputs[0] + "\n";
    for (const std::string& id : plan_.jobs)
      out_ += "job " + id + ": runs " + joined(bound(id).component.texts("run")) + "\n";
    for (const std::string& id : plan_.servers)
      out_ += "server " + id + " (" + type(id) + ")\n";
  }

  const Plan& plan_;
  std::string out_;
};

}  // namespace

std::string explain_text(const Plan& plan) { return Text(plan).run(); }

}  // namespace penstock::topology
