#include "tests/support/crash_stage.h"

#include <csignal>
#include <stdexcept>

#include "topology/bind_helpers.h"

namespace penstock::test {
namespace {

using topology::Kind;

/// What both have in common: the condition, and what happens when it is true.
class Trap {
 public:
  explicit Trap(const MakeContext& context)
      : on_(*sql::Expression::compile(context.component.text("on"), context.inputs[0].schema)),
        how_(context.component.text("how")) {}

  Status step_on(const RecordBatch& batch) {
    if (on_.select(batch).rows.empty())
      return ok();
    if (how_ == "throw")
      throw std::out_of_range("a bug in the code");
    if (how_ == "fail")
      return internal_error("a bug that was noticed");
    if (how_ == "refuse")
      return invalid_argument("not these");
    (void)std::raise(SIGKILL);
    return ok();
  }

 private:
  sql::Expression on_;
  std::string how_;
};

class Crash final : public Stage {
 public:
  explicit Crash(const MakeContext& context) : trap_(context) {}
  Status process(const BatchPtr& batch, StageOutput& out) override {
    PENSTOCK_TRY(trap_.step_on(*batch));
    out.batches.push_back(batch);
    return ok();
  }

 private:
  Trap trap_;
};

class CrashSink final : public Sink {
 public:
  explicit CrashSink(const MakeContext& context) : trap_(context) {}
  Status open(std::string_view) override { return ok(); }
  Status write(const BatchPtr& batch) override { return trap_.step_on(*batch); }
  Result<std::string> sync() override { return std::string(); }

 private:
  Trap trap_;
};

topology::ComponentType crash_type(topology::Role role) {
  topology::ComponentType type;
  type.role = role;
  type.name = "crash";
  type.summary = "Crashes on certain rows.";
  type.example = "bad:\n  type: crash\n  input: shop\n  on: price < 0\n";
  type.properties = {
      {.name = "on", .kind = Kind::kExpression, .meaning = "The rows to crash on.", .required = true},
      {.name = "how",
       .kind = Kind::kChoice,
       .meaning = "What happens.",
       .default_value = "throw",
       .choices = {"throw", "fail", "refuse", "kill"}},
      {.name = "max_tries", .kind = Kind::kInteger, .meaning = "As of every sink.", .default_value = "0"},
      {.name = "backoff_min", .kind = Kind::kDuration, .meaning = "As of every sink.", .default_value = "1ms"},
      {.name = "backoff_max", .kind = Kind::kDuration, .meaning = "As of every sink.", .default_value = "1ms"},
  };
  type.bind = [](const topology::Component& component, const topology::BindContext& context) {
    topology::compile_condition(component, "on", context.inputs[0].schema, context.diagnostics);
    topology::Binding binding;
    binding.output = context.inputs[0].schema;
    return binding;
  };
  return type;
}

}  // namespace

void add_crash_components() {
  add_component({crash_type(topology::Role::kStage),
                 MakeStage([](const MakeContext& context) { return StagePtr(std::make_unique<Crash>(context)); })});
  add_component({crash_type(topology::Role::kSink),
                 MakeSink([](const MakeContext& context) { return SinkPtr(std::make_unique<CrashSink>(context)); })});
}

}  // namespace penstock::test
