// Text in columns, for people.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace penstock::cli {

class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// Requires: one cell for each column.
  void add(std::vector<std::string> cells);
  /// Titles, then rows; columns as wide as their widest cell, two spaces between, no spaces at line ends.
  void print(std::ostream& out) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Without what could steer a terminal: control characters become `?`.
std::string printable(std::string text);

}  // namespace penstock::cli
