// SPDX-License-Identifier: Apache-2.0
// Writing what TVM reads: logs, a TopHub package, meta-schedule's pair.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include "stm32tvm/tuning_database.hpp"
#include "support/try.hpp"
#include "tuning/folder.hpp"
#include "tuning/line_reader.hpp"
#include "tuning/machines.hpp"
#include "tuning/meta_schedule.hpp"
#include "tuning/provenance.hpp"
#include "tuning/scan.hpp"

namespace stm32tvm {
namespace {

namespace fs = std::filesystem;
using namespace tuning;

/// Packages and the versions that TVM 0.8 to 0.18 ask for (PACKAGE_VERSION of python/tvm/autotvm/tophub.py).
struct Package {
  std::string_view backend;
  std::string_view version;
};
constexpr std::array<Package, 10> packages{{{"adreno", "v0.01"},
                                            {"amd_apu", "v0.01"},
                                            {"arm_cpu", "v0.08"},
                                            {"cuda", "v0.10"},
                                            {"intel_graphics", "v0.02"},
                                            {"llvm", "v0.04"},
                                            {"mali", "v0.06"},
                                            {"opencl", "v0.04"},
                                            {"rocm", "v0.05"},
                                            {"vta", "v0.10"}}};

/// A text file that appears as a whole, or not at all.
class TextFile {
 public:
  Result<void> open(const fs::path& path) {
    STM32TVM_TRY(temporary, pending_.temporary_for(path));
    file_.open(temporary, std::ios::binary);
    path_ = path;
    return {};
  }
  void write_line(std::string_view line) { file_ << line << '\n'; }
  Result<void> commit() {
    file_.close();
    if (!file_) {
      return Error{ErrorCode::cannot_write, "the file could not be written; check the path and the free space",
                   path_.string()};
    }
    return pending_.commit();
  }

 private:
  PendingFiles pending_;
  std::ofstream file_;
  fs::path path_;
};

Error nothing_to_export(const fs::path& folder) {
  return {ErrorCode::bad_option, "no record matches; see what there is with stm32tvm tuning stats", folder.string()};
}

/// The workload's line as TVM writes it. Hashes of several TVM environments may be there; any will do.
Result<std::string> workload_text(const fs::path& folder, std::string_view hash) {
  LineReader lines;
  STM32TVM_CHECK(lines.open(folder / workload_file(hash)));
  std::string_view line;
  std::string text;
  if (!lines.next(line)) {
    return Error{ErrorCode::bad_json, "the file of the workload is empty; import meta-schedule's files again",
                 (folder / workload_file(hash)).string()};
  }
  append_compact(line, text);
  return text;
}

}  // namespace

inline namespace v1 {

Result<std::uint64_t> TuningDatabase::export_log(const fs::path& log, const LogOptions& options) const {
  if (options.format == RecordFormat::meta_schedule) {
    return Error{ErrorCode::bad_option, "meta-schedule has no log; export its pair of files", log.string()};
  }
  std::set<std::string> chosen;
  if (options.best) {
    STM32TVM_TRY(picks, best(options.filter));
    for (const BestRecord& pick : picks) {
      chosen.insert(pick.record);
    }
  }
  STM32TVM_TRY(files, record_files(folder_));
  std::erase_if(files, [&](const std::string& file) { return !file.starts_with(name(options.format)); });
  TextFile out;
  STM32TVM_CHECK(out.open(log));
  std::uint64_t count = 0;
  Machines machines;
  std::string storage;
  STM32TVM_CHECK(scan(folder_, files, [&](const std::string&, const Record& record) -> Result<void> {
    if (matches(record.provenance, options.filter) && (!options.best || chosen.contains(record.line.text))) {
      ++count;
      machines.add(record);
      out.write_line(without_provenance(record.line.text, storage));
    }
    return {};
  }));
  if (count == 0) {
    return nothing_to_export(folder_);
  }
  STM32TVM_CHECK(machines.check_comparable(folder_));
  STM32TVM_CHECK(out.commit());
  return count;
}

Result<std::string> TuningDatabase::export_tophub(const fs::path& folder, std::string_view backend,
                                                  const Provenance& filter) const {
  const auto* const package =
      std::find_if(packages.begin(), packages.end(), [&](const Package& each) { return each.backend == backend; });
  if (package == packages.end()) {
    std::string known;
    for (const Package& each : packages) {
      known += fmt::format("{}{}", known.empty() ? "" : ", ", each.backend);
    }
    return Error{ErrorCode::bad_option,
                 fmt::format("TVM asks for no TopHub package of this backend; take one of {}", known),
                 std::string(backend)};
  }
  std::string file = fmt::format("{}_{}.log", package->backend, package->version);
  STM32TVM_TRY(count, export_log(folder / file, {RecordFormat::autotvm, filter, true}));
  static_cast<void>(count);
  return file;
}

Result<std::uint64_t> TuningDatabase::export_meta_schedule(const fs::path& folder, std::string_view target,
                                                           const Provenance& filter) const {
  STM32TVM_TRY(files, record_files(folder_));
  const std::string prefix = target.empty() ? "meta_schedule/" : fmt::format("meta_schedule/{}/", target);
  std::erase_if(files, [&](const std::string& file) { return !file.starts_with(prefix); });
  std::set<std::string> targets;
  for (const std::string& file : files) {
    const std::size_t begin = std::string_view("meta_schedule/").size();
    targets.insert(file.substr(begin, file.find('/', begin) - begin));
  }
  if (targets.size() > 1) {
    return Error{
        ErrorCode::bad_option,
        fmt::format("the database has records of several targets, which meta-schedule would mix; choose one of {}",
                    fmt::join(targets, ", ")),
        folder_.string()};
  }
  TextFile workloads;
  TextFile records;
  STM32TVM_CHECK(workloads.open(folder / "database_workload.json"));
  STM32TVM_CHECK(records.open(folder / "database_tuning_record.json"));
  Machines machines;
  std::map<std::string, std::uint64_t> indices;
  std::uint64_t count = 0;
  STM32TVM_CHECK(scan(folder_, files, [&](const std::string&, const Record& record) -> Result<void> {
    if (!matches(record.provenance, filter)) {
      return {};
    }
    const auto [found, added] = indices.try_emplace(record.workload, indices.size());
    if (added) {
      STM32TVM_TRY(text, workload_text(folder_, record.workload));
      workloads.write_line(text);
    }
    machines.add(record);
    records.write_line(pair_text(record.line.text, found->second));
    ++count;
    return {};
  }));
  if (count == 0) {
    return nothing_to_export(folder_);
  }
  STM32TVM_CHECK(machines.check_comparable(folder_));
  STM32TVM_CHECK(workloads.commit());
  STM32TVM_CHECK(records.commit());
  return count;
}

}  // namespace v1
}  // namespace stm32tvm
