#include "actors/servers/tap_stream.h"

#include "messages/json_writer.h"

namespace penstock {
namespace {

constexpr size_t kMostText = 256 << 10;  // of one take, or a batch more
constexpr size_t kMostBatches = 64;

void append_event(std::string& out, const char* event, const std::string& data) {
  out.append("event: ").append(event).append("\ndata: ");
  for (const char c : data)
    out += c == '\n' || c == '\r' ? ' ' : c;
  out += "\n\n";
}

}  // namespace

void TapStream::put(const BatchPtr& rows) {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    if (!waiting_.empty() && waiting_rows_ + rows->rows() > options_.buffer_rows) {
      dropped_ += rows->rows();
    } else {
      waiting_.push_back(rows);
      waiting_rows_ += rows->rows();
    }
    if (!woken_) {
      woken_ = true;
      wake = wake_;
    }
  }
  if (wake)
    wake();
}

void TapStream::on_more(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

std::string TapStream::take(bool& ended) {
  std::string out;
  for (size_t batches = 0; out.size() < kMostText; ++batches) {
    if (batches == kMostBatches)  // of which no row was wanted; it is not the end of what waits
      return out + sign_of_life();
    BatchPtr rows;
    uint64_t dropped = 0;
    {
      const std::lock_guard lock(mutex_);
      dropped = std::exchange(dropped_, 0);
      if (waiting_.empty()) {
        woken_ = false;
      } else {
        rows = std::move(waiting_.front());
        waiting_.pop_front();
        waiting_rows_ -= rows->rows();
      }
    }
    if (dropped > 0)
      append_event(out, "dropped", std::to_string(dropped));
    if (!rows)
      break;
    tell(*rows, out);
    ended = options_.limit > 0 && told_ >= options_.limit;
    if (ended) {
      append_event(out, "end", std::to_string(told_));
      tap_.reset();
      break;
    }
  }
  return out;
}

void TapStream::tell(const RecordBatch& rows, std::string& out) {
  const Schema& schema = *rows.schema();
  const auto tell_row = [&](size_t row) {
    std::string line;
    for (size_t i = 0; i < (options_.columns.empty() ? schema.size() : options_.columns.size()); ++i) {
      const size_t column = options_.columns.empty() ? i : options_.columns[i];
      line += i == 0 ? "" : ",";
      append_json_string(schema.field(column).name, line);
      line += ":";
      append_value_json(*rows.column(column), row, line);
    }
    append_event(out, "row", "{" + line + "}");
    ++told_;
  };
  const auto full = [&] { return options_.limit > 0 && told_ >= options_.limit; };
  if (!options_.where) {
    for (size_t i = 0; i < rows.rows() && !full(); ++i)
      tell_row(rows.row(i));
    return;
  }
  const sql::Selected selected = options_.where->select(rows);
  for (const uint32_t row : selected.rows) {
    if (full())
      return;
    tell_row(row);
  }
  if (!selected.errors.empty() && !std::exchange(told_error_, true))
    append_event(out, "error", "where: " + selected.errors.front().message + " (rows without a value are left out)");
}

}  // namespace penstock
