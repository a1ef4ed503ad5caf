// SPDX-License-Identifier: Apache-2.0
// TuningDatabase: what TVM's tuners measured, kept in a folder that lives in git. docs/tuning-database.md has its form.
//
// Beside Archive and SourceTree this is the one class that uses the disk: it reads the files it is given, and writes
// only its own folder and the exports that are asked for. Every file is replaced as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/diagnostic.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// The record formats of TVM 0.8 to 0.18.
enum class RecordFormat {
  autotvm,         ///< AutoTVM log, version 0.2
  auto_scheduler,  ///< auto_scheduler log, version v0.6
  meta_schedule    ///< meta-schedule's pair of files, which has no version
};

/// "autotvm", "auto_scheduler", "meta_schedule".
const char* name(RecordFormat format) noexcept;

/// Where a record comes from. Records of different provenance are different records, and one best-of never mixes
/// hardware with emulation, boards, or clocks. As a filter, what is not set matches everything.
struct Provenance {
  enum class Measured {
    unset,
    hardware,  ///< on a board
    emulation  ///< in QEMU, whose times are counts of instructions
  };
  Measured measured = Measured::unset;
  std::string board;           ///< name of the board, or empty
  std::uint64_t clock_hz = 0;  ///< clock of the core, or 0
  std::string compiler;        ///< compiler with its version, or empty
  std::string flags;           ///< its flags, or empty
  std::string tvm_version;     ///< empty for AutoTVM, whose records hold it

  friend bool operator==(const Provenance&, const Provenance&) = default;
};

/// What an import or a merge did.
struct TuningChange {
  std::uint64_t read = 0;     ///< records that were read, also those that were there already
  std::uint64_t refused = 0;  ///< lines that were left out
  std::uint64_t before = 0;   ///< records in the files that were touched, before and after
  std::uint64_t after = 0;
  /// Why lines were left out, the first hundred; each has the file and the line as its place.
  std::vector<Diagnostic> diagnostics;
};

/// The best record of a workload.
struct BestRecord {
  RecordFormat format = RecordFormat::autotvm;
  std::string target;  ///< as in the record
  std::string task;
  std::string workload;  ///< what TVM looks up: the task with its arguments
  /// What else TVM looks up: "model M", "key K", or for meta-schedule the target, which it does not look at.
  std::string scope;
  double seconds = 0;     ///< mean of the measured times
  Provenance provenance;  ///< without the TVM version that an AutoTVM record holds itself
  std::string record;     ///< as the database keeps it
};

/// What the database holds of one task on one target.
struct TaskStatistics {
  RecordFormat format = RecordFormat::autotvm;
  std::string target;  ///< as in the record
  std::string task;
  Provenance::Measured measured = Provenance::Measured::unset;
  std::uint64_t records = 0;
  std::uint64_t failed = 0;             ///< of these, the ones whose measurement failed
  std::uint64_t workloads = 0;          ///< different arguments of the task
  std::optional<double> least_seconds;  ///< nothing when all failed
};

/// What validate() found.
struct TuningFindings {
  std::uint64_t records = 0;
  /// Rules that are broken (warning) and what only `merge` would write in another order (note), in order of the files;
  /// the first thousand.
  std::vector<Diagnostic> diagnostics;
  std::uint64_t broken = 0;  ///< number of rules broken, also those beyond the first thousand
};

/// What TVM's tuners measured, kept in a folder that lives in git.
class TuningDatabase {
 public:
  /// The database in this folder, which need not exist yet. Nothing is read or written. Imports and merges hold at most
  /// about `memory_bytes` of records in memory, and sort through temporary files in the folder what is more.
  explicit TuningDatabase(std::filesystem::path folder, std::size_t memory_bytes = std::size_t{64} << 20U);

  /// Adds the records of an AutoTVM or auto_scheduler log. A member "provenance" of a record goes before the given one;
  /// one of the two must say what it was measured on. Lines that cannot be read are left out and told. Fails with
  /// cannot_read, cannot_write or bad_option.
  Result<TuningChange> import_log(const std::filesystem::path& log, const Provenance& provenance);

  /// Adds the records of meta-schedule's pair, database_workload.json and database_tuning_record.json of a folder.
  Result<TuningChange> import_meta_schedule(const std::filesystem::path& folder, const Provenance& provenance);

  /// Adds all that other databases hold, and brings every file of this one into its canonical form, which a union merge
  /// of git may leave unsorted or with a record twice.
  Result<TuningChange> merge(const std::vector<std::filesystem::path>& others);

  /// Checks every line against the rules in docs/tuning-database.md. Fails with cannot_read when the folder does.
  [[nodiscard]] Result<TuningFindings> validate() const;

  /// The best records of each workload as TVM picks them: least mean time, the earliest of equals, once for the
  /// target's model and once for each of its keys. Fails with bad_option when the filter leaves none, or leaves records
  /// whose times do not compare: of hardware and emulation, several boards, or several clocks.
  [[nodiscard]] Result<std::vector<BestRecord>> best(const Provenance& filter) const;

  [[nodiscard]] Result<std::vector<TaskStatistics>> statistics() const;

  /// What export_log() writes.
  struct LogOptions {
    RecordFormat format = RecordFormat::autotvm;  ///< or auto_scheduler
    Provenance filter;
    bool best = false;  ///< only what best() picks
  };

  /// Writes a log that TVM reads, as `--tuning-records` or with apply_history_best; returns the number of records. The
  /// exports fail with bad_option as best() does: TVM would pick among times that do not compare.
  [[nodiscard]] Result<std::uint64_t> export_log(const std::filesystem::path& log, const LogOptions& options) const;

  /// Writes `<backend>_<version>.log` with the best AutoTVM records into a folder for TOPHUB_LOCATION. The version is
  /// the one that TVM asks for (python/tvm/autotvm/tophub.py). Returns the file's name.
  [[nodiscard]] Result<std::string> export_tophub(const std::filesystem::path& folder, std::string_view backend,
                                                  const Provenance& filter) const;

  /// Writes meta-schedule's pair into a folder; returns the number of records. `target` is the name of the target's
  /// folder in the database, and may be empty when there is one only: meta-schedule does not look at targets.
  [[nodiscard]] Result<std::uint64_t> export_meta_schedule(const std::filesystem::path& folder, std::string_view target,
                                                           const Provenance& filter) const;

 private:
  std::filesystem::path folder_;
  std::size_t memory_bytes_;
};

}  // namespace v1
}  // namespace stm32tvm
