#include "actors/jobs/file_step.h"

#include <algorithm>
#include <exception>
#include <new>
#include <vector>

#include "actors/regions/log_reader.h"
#include "actors/sinks/result_file.h"
#include "models/workers.h"
#include "storage/bytes.h"

namespace penstock {
namespace {

constexpr const char* kFilesTable = "jobs.files";
constexpr size_t kSlice = 4096;  // rows of a view written between two looks at whether to go on

std::string owner_of(const std::string& sink) { return "result_file:" + sink; }

Result<uint64_t> parts_of(const Store& store, const std::string& sink) {
  PENSTOCK_ASSIGN(const auto stored, store.get(kFilesTable, sink));
  if (stored && stored->size() != sizeof(uint64_t))
    return data_loss("the number of parts of \"" + sink + "\" is not 8 bytes");
  return stored ? load_le<uint64_t>(stored->data()) : uint64_t{0};
}

std::string counted(uint64_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

FileStep::FileStep(Runtime& runtime, const std::string& sink)
    : runtime_(runtime),
      component_(runtime.plan.topology.find(sink)->component),
      input_(*runtime.plan.topology.find(component_.inputs.front())),
      origin_{sink, "sink", component_.type},
      format_(result_format(component_, input_.binding.output, runtime.plan.topology.folder)) {}

FileStep::~FileStep() {
  cancelled_ = true;
  if (thread_.joinable())
    thread_.join();
}

bool FileStep::reads_view() const { return input_.binding.is_view && !input_.binding.emits_records; }

StepLook FileStep::look() {
  if (!started_) {
    if (reads_view())
      for (const auto& worker : runtime_.views.get(input_.component.id))
        if (!worker)
          return cancelled_ ? StepLook{.ended = true, .status = cancelled("cancelled")}
                            : StepLook{.note = "waits for the view " + input_.component.id};
    started_ = true;
    if (!runtime_.options.detached)
      run();
    else
      thread_ = std::thread([this] {
        lower_thread_priority();
        run();
      });
  }
  const std::lock_guard lock(mutex_);
  return look_;
}

void FileStep::run() {
  Result<std::string> written = internal_error("unknown exception");
  try {
    written = write();
  } catch (const std::bad_alloc&) {
    written = resource_exhausted("there is not enough memory");
  } catch (const std::exception& error) {
    written = internal_error(error.what());
  }
  const std::lock_guard lock(mutex_);
  look_ = {.ended = true, .status = written.status(), .note = written.ok() ? *written : ""};
}

void FileStep::note(double progress, const std::string& text) {
  const std::lock_guard lock(mutex_);
  look_.progress = progress;
  look_.note = text;
}

Result<std::string> FileStep::write() {
  const bool incremental = component_.flag("incremental");
  if (incremental) {
    PENSTOCK_ASSIGN(const uint64_t parts, parts_of(runtime_.store, component_.id));
    format_.part = parts + 1;
  }
  ResultWriter writer(format_);
  PENSTOCK_TRY(writer.begin());
  WriteBatch positions;
  if (reads_view()) {
    PENSTOCK_TRY(write_view(writer));
  } else {
    PENSTOCK_ASSIGN(positions, write_log(writer));
  }
  PENSTOCK_TRY(writer.finish());
  runtime_.monitor.emit(monitoring::BatchSent{origin_, writer.rows(), writer.bytes()});
  runtime_.board.add_records(component_.id, writer.rows());
  if (incremental && writer.rows() > 0) {
    std::string parts;
    append_le(parts, *format_.part);
    positions.put(kFilesTable, component_.id, std::move(parts));
    PENSTOCK_TRY(runtime_.store.commit_and_wait(std::move(positions)).status);
  }
  return counted(writer.rows(), "row") + " in " + counted(writer.files(), "file");
}

// Each worker's part as of a moment of its own.
Status FileStep::write_view(ResultWriter& writer) {
  std::vector<BatchPtr> parts;
  size_t rows = 0;
  for (const auto& worker : runtime_.views.get(input_.component.id)) {
    PENSTOCK_ASSIGN(BatchPtr part, worker->read_all(SIZE_MAX));
    rows += part->rows();
    parts.push_back(std::move(part));
  }
  for (const BatchPtr& part : parts)
    for (size_t from = 0; from < part->rows(); from += kSlice) {
      if (cancelled_)
        return cancelled("cancelled while it wrote " + format_.path);
      PENSTOCK_TRY(writer.add(part->slice(from, std::min(kSlice, part->rows() - from))));
      note(static_cast<double>(writer.rows()) / static_cast<double>(rows), "writing");
    }
  return ok();
}

// Gives the positions behind what was read.
Result<WriteBatch> FileStep::write_log(ResultWriter& writer) {
  const std::string& log = input_.component.id;
  const std::string owner = component_.flag("incremental") ? owner_of(component_.id) : "";
  LogReader reader(runtime_.store, nullptr, log, input_.binding.output);
  reader.tell_losses(runtime_.monitor, origin_);
  PENSTOCK_TRY(reader.open(owner));
  std::vector<uint64_t> left;
  uint64_t all = 0;
  for (uint32_t p = 0; p < reader.positions().size(); ++p) {
    PENSTOCK_ASSIGN(const uint64_t pending, reader.pending(Partition(p)));
    left.push_back(pending);
    all += pending;
  }
  WriteBatch positions;
  for (uint32_t p = 0; p < left.size(); ++p) {
    const uint64_t end = reader.positions()[p].value() + left[p];
    while (reader.positions()[p].value() < end) {
      if (cancelled_)
        return cancelled("cancelled while it wrote " + format_.path);
      PENSTOCK_ASSIGN(const BatchPtr batch, reader.next_of(Partition(p), end - reader.positions()[p].value()));
      if (!batch)
        break;
      PENSTOCK_TRY(writer.add(batch));
      note(all == 0 ? -1 : static_cast<double>(writer.rows()) / static_cast<double>(all), "writing");
    }
    positions.set_position(owner_of(component_.id), log, Partition(p), reader.positions()[p]);
  }
  return positions;
}

}  // namespace penstock
