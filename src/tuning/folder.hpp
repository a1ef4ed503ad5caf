// SPDX-License-Identifier: Apache-2.0
// The database's folder: which file a record belongs to, which files there are, and writing them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tuning/line_sorter.hpp"
#include "tuning/record.hpp"

namespace stm32tvm::tuning {

/// <format>/<target>/<task>.jsonl: one file for each target and task.
std::string file_of(const StoredLine& line);

/// workloads/<hash>.jsonl: meta-schedule's module of this hash, as lines of its database_workload.json.
std::string workload_file(std::string_view hash);

/// Paths below the folder of the files that hold records, sorted; of the files that hold workloads, too.
Result<std::vector<std::string>> record_files(const std::filesystem::path& folder);
std::vector<std::string> workload_files(const std::filesystem::path& folder);

/// "file:line", the place of an error.
std::string place(const std::filesystem::path& file, std::uint64_t line);

/// Files that are written beside their places, and put there together at the end; what was not put there is removed.
class PendingFiles {
 public:
  PendingFiles() = default;
  ~PendingFiles();
  PendingFiles(const PendingFiles&) = delete;
  PendingFiles& operator=(const PendingFiles&) = delete;

  /// Where to write what shall become `path`; folders are made.
  Result<std::filesystem::path> temporary_for(const std::filesystem::path& path);
  Result<void> commit();

 private:
  struct Pending {
    std::filesystem::path temporary;
    std::filesystem::path path;
  };
  std::vector<Pending> files_;
};

/// Adds records to a folder. Each file that gets one is read and written anew as a whole: sorted, and of the records
/// that differ in nothing but their result only the best.
class FolderWriter {
 public:
  FolderWriter(std::filesystem::path folder, std::size_t memory_bytes, TuningChange& change);

  /// Fails with cannot_read or cannot_write, as all here.
  Result<void> add(const StoredLine& line);
  /// Adds a line of meta-schedule's database_workload.json.
  Result<void> add_workload(std::string_view hash, std::string_view line);
  /// Makes sure that this file is written anew.
  Result<void> touch(const std::string& file);
  /// Tells a line that is left out.
  void refuse(const Error& error, std::string where);
  Result<void> finish();

 private:
  std::uint32_t number_of(const std::string& file);
  Result<void> read_touched();

  std::filesystem::path folder_;
  TuningChange& change_;
  LineSorter sorter_;
  std::unordered_map<std::string, std::uint32_t> number_of_task_;  ///< file by format, target and task
  std::map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> files_;
  std::size_t files_read_ = 0;  ///< so many of these have given their lines to the sorter
  std::string task_;
};

}  // namespace stm32tvm::tuning
