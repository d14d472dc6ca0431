#include "tests/simulation/generate.h"

#include <algorithm>
#include <vector>

#include "core/random.h"

namespace penstock::simulation {
namespace {

// A component whose rows others may read.
struct Made {
  std::string id;
  std::string columns;   // the same word: the same columns
  bool changes = false;  // a view: rows replace earlier ones
};

// Sums are of integers, so that no order of adding rounds otherwise than another.
const char* const kConditions[] = {
    "kind = 'buy'", "qty > 1", "item % 3 = 0",    "price >= 10 AND kind <> 'view'",
    "user <> 'u1'", "TRUE",    "qty IS NOT NULL", "100 / qty > 20"};  // the last has no value for a quantity of 0
const char* const kGroups[] = {"[user]", "[item]", "[kind]", "[user, kind]", "[item, kind]"};
const char* const kAggregates[] = {"n: count(*)", "n: count(*), pieces: sum(qty)",
                                   "n: count(*), users: count(distinct user), dearest: max(price)",
                                   "n: count(*), rarest: min(qty), mean: avg(qty), newest: max(at)"};
const char* const kOrders[] = {"[price desc nulls last, id]", "[id]", "[qty nulls first, id desc]"};

class Generator {
  uint64_t next_ = 1;

  uint64_t below(uint64_t bound) { return random_.below(bound); }
  bool one_in(uint64_t n) { return below(n) == 0; }
  template <class Items>
  const auto& pick(const Items& items) {
    return items[below(std::size(items))];
  }
  // Mostly one of the last made, so that chains grow.
  const Made& pick_late(const std::vector<Made>& made) {
    return made[std::max(below(made.size()), below(made.size()))];
  }
  const std::string& fresh(const std::string& kind) {
    last_ = kind + std::to_string(next_++);
    return last_;
  }

 public:
  explicit Generator(uint64_t number) : random_(splitmix64(number) ^ 0x7090109) {}

  Generated run() {
    const uint64_t sources = 1 + below(3);
    for (uint64_t i = 0; i < sources; ++i)
      add_source();
    const uint64_t stages = 2 + below(6);
    for (uint64_t i = 0; i < stages; ++i)
      add_stage();
    for (uint64_t i = below(3); i > 0; --i)
      add_model();
    for (uint64_t i = 1 + below(3); i > 0; --i)
      add_sink();
    out_.text = "name: simulated\nschemas:\n  " + std::string(kEventSchema) + "\nsources:\n" + sources_ + "stages:\n" +
                stages_ + (models_.empty() ? "" : "models:\n" + models_) + "sinks:\n" + sinks_ +
                (out_.requests.empty() ? "" : "servers:\n  api: {type: http, listen: 127.0.0.1:0}\n");
    return std::move(out_);
  }

 private:
  Event event(uint64_t id) {
    static const char* const kKinds[] = {"view", "view", "cart", "buy"};
    Event out;
    out.id = static_cast<int64_t>(id);
    out.user = "u" + std::to_string(below(12));
    out.item = static_cast<int64_t>(below(9));
    out.kind = pick(kKinds);
    if (!one_in(12))
      out.quantity = static_cast<int64_t>(below(5));
    out.price = static_cast<double>(below(50)) + 0.25;
    out.at = 1'700'000'000'000'000 + out.id * 1'000'000;
    return out;
  }

  void add_source() {
    const bool posted = one_in(3);
    const std::string id = fresh(posted ? "posted" : "events");
    static const char* const kKeys[] = {"", ", key: user", ", key: item"};
    const std::string key = pick(kKeys);
    const bool by_id = one_in(2);
    sources_ += "  " + id +
                (posted ? ": {type: http, path: /in/" + id + (by_id ? ", id: id" : "")
                        : ": {type: file, path: in/" + id + ".jsonl") +
                ", schema: event, event_time: at, partitions: " + std::to_string(1 + below(3)) + key + "}\n";
    const uint64_t events = 40 + below(200);
    if (posted)
      add_requests(id, by_id, events);
    else
      add_file(id, events);
    made_.push_back({id, "event"});
  }

  void add_file(const std::string& id, uint64_t events) {
    std::string& lines = out_.inputs[id + ".jsonl"];
    for (uint64_t i = 0; i < events; ++i)
      lines += one_in(50) ? "{\"id\": " + std::to_string(i) + ", \"user\": broken\n" : to_line(event(i));
  }

  // Where events are known by their ids, a request may hold some that an earlier one held.
  void add_requests(const std::string& source, bool by_id, uint64_t events) {
    std::vector<Event> sent;
    while (sent.size() < events) {
      Request request{source, by_id ? "" : source + "-" + std::to_string(out_.requests.size()), {}, false};
      for (uint64_t i = 1 + below(20); i > 0; --i) {
        if (by_id && !sent.empty() && one_in(6)) {
          request.events.push_back(pick(sent));
          continue;
        }
        sent.push_back(event(sent.size()));
        request.events.push_back(sent.back());
      }
      request.has_wrong = !by_id && one_in(8);
      out_.requests.push_back(std::move(request));
    }
  }

  std::vector<Made> events() const {
    std::vector<Made> out;
    std::copy_if(made_.begin(), made_.end(), std::back_inserter(out), [](const Made& made) { return !made.changes; });
    return out;
  }

  void add_stage() {
    switch (below(12)) {
      case 0:
      case 1: return add_filter();
      case 2: return add_map();
      case 3: return add_union();
      case 4: return add_diamond();
      case 5:
      case 6: return add_reduce();
      case 7: return add_sort();
      case 8: return add_buffer();
      case 9: return add_validate();
      case 10: return one_in(3) ? add_poison() : add_filter();
      default: return add_query();
    }
  }

  void stage(const std::string& properties) { stages_ += "  " + last_ + ": {" + properties + "}\n"; }

  void add_filter() {
    const Made input = pick_late(events());
    made_.push_back({fresh("some"), input.columns});
    stage("type: filter, input: " + input.id + ", where: \"" + pick(kConditions) + "\"");
  }

  void add_map() {
    const Made input = pick_late(events());
    static const char* const kMaps[] = {"per", "twice", ""};
    const std::string added = pick(kMaps);
    const bool known = input.columns.find(added) != std::string::npos;
    made_.push_back({fresh("mapped"), input.columns + (added.empty() || known ? "" : " " + added)});
    stage("type: map, input: " + input.id + ", add: {" +
          (added == "per"     ? "per: 100 / qty"  // has no value for a quantity of 0
           : added == "twice" ? "twice: qty * 2"
                              : "qty: qty + 1") +
          "}");
  }

  void add_buffer() {
    const Made input = pick_late(made_);
    made_.push_back({fresh("waiting"), input.changes ? "changes" : input.columns, input.changes});
    stage("type: buffer, input: " + input.id);
  }

  void add_validate() {
    const Made input = pick_late(events());
    made_.push_back({fresh("valid"), input.columns + "!"});
    stage("type: validate, input: " + input.id +
          ", columns: {qty: {range: [1, 4], default: 1}, kind: {one_of: [view, buy]}}, rules: [{check: price < 45, "
          "message: too dear}]");
  }

  // Few rows, and never many in a row.
  void add_poison() {
    const Made input = pick_late(events());
    made_.push_back({fresh("survived"), input.columns});
    const std::string rest = std::to_string(below(61));
    stage("type: poison, input: " + input.id + ", on: \"id % 61 = " + rest +
          "\", how: " + (one_in(2) ? "dies" : "throws"));
  }

  void add_union() {
    const Made first = pick_late(events());
    std::vector<std::string> inputs;
    for (const Made& made : events())
      if (made.columns == first.columns && (made.id == first.id || one_in(2)))
        inputs.push_back(made.id);
    if (inputs.size() < 2)
      return add_filter();
    made_.push_back({fresh("all"), first.columns});
    std::string list;
    for (const std::string& input : inputs)
      list += (list.empty() ? "" : ", ") + input;
    stage("type: union, inputs: [" + list + "]");
  }

  // Rows part and come together again, in one region.
  void add_diamond() {
    const Made input = pick_late(events());
    const std::string left = fresh("left"), right = fresh("right");
    for (const std::string& id : {left, right}) {
      stages_ += "  " + id + ": {type: filter, input: " + input.id + ", where: \"" + pick(kConditions) + "\"}\n";
      made_.push_back({id, input.columns});
    }
    made_.push_back({fresh("joined"), input.columns});
    stage("type: union, inputs: [" + left + ", " + right + "]");
  }

  void add_reduce() {
    const Made input = pick_late(events());
    const std::string group = pick(kGroups);
    made_.push_back({fresh("counted"), "view " + group, true});
    stage("type: reduce, input: " + input.id + ", group_by: " + group + ", aggregates: {" + pick(kAggregates) +
          "}, workers: {WORKERS}" + (one_in(3) ? ", memory: 1KiB" : ""));
  }

  void add_sort() {
    const Made input = pick_late(made_);
    const std::string limit = std::to_string(3 + below(15));
    if (input.changes && !input.columns.starts_with("view"))
      return add_reduce();
    made_.push_back({fresh("best"), "sorted", true});
    if (input.changes)
      stage("type: sort, input: " + input.id + ", by: [n desc, " + input.columns.substr(input.columns.find('[') + 1) +
            (one_in(2) ? "" : ", limit: " + limit) + (one_in(3) ? ", memory: 1KiB" : ""));
    else
      stage("type: sort, input: " + input.id + ", by: " + pick(kOrders) + ", limit: " + limit);
  }

  void add_query() {
    const Made input = pick_late(events());
    made_.push_back({fresh("asked"), "sorted", true});
    stage("type: query, sql: \"SELECT item, sum(qty) AS pieces, count(*) AS n FROM " + input.id +
          " WHERE kind <> 'cart' GROUP BY item ORDER BY pieces DESC, item LIMIT 5\"");
  }

  void add_sink() {
    const Made input = pick_late(made_);
    const std::string id = fresh("out");
    sinks_ += "  " + id + ": {input: " + input.id;
    if (one_in(2))
      sinks_ += ", type: file, path: out/" + id + ".jsonl}\n";
    else
      sinks_ +=
          std::string(", type: receiver") + (input.changes || one_in(2) ? "" : ", refuses: '\"item\":7,'") + "}\n";
  }

  void add_model() {
    const Made input = pick_late(events());
    models_ += "  " + fresh("taste") + ": {type: popularity, input: " + input.id + ", user: user, item: item" +
               (one_in(2) ? "" : ", weight: qty") + (one_in(3) ? ", memory: 1KiB" : "") + "}\n";
  }

  Random random_;
  Generated out_;
  std::string sources_, stages_, models_, sinks_, last_;
  std::vector<Made> made_;
};

}  // namespace

Generated generate(uint64_t number) { return Generator(number).run(); }

}  // namespace penstock::simulation
