// SPDX-License-Identifier: Apache-2.0
// How long a log takes to import, beside reading it with simdjson in the same run, and what memory the import needs.
//   tuning_benchmark [RECORDS [FOLDER]]    the folder is for the log and the database, and must be empty or new
#include <fmt/format.h>
#include <simdjson.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "stm32tvm/tuning_database.hpp"

namespace {

namespace fs = std::filesystem;

/// Time of the clock on the wall and of the processor, all threads together.
struct Times {
  std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
  std::clock_t processor = std::clock();
};

double wall_seconds(const Times& start, const Times& end) {
  return std::chrono::duration<double>(end.wall - start.wall).count();
}

double processor_seconds(const Times& start, const Times& end) {
  return static_cast<double>(end.processor - start.processor) / CLOCKS_PER_SEC;
}

/// Most memory that the process ever had, in MiB.
double peak_mebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// Records as AutoTVM writes them: two targets, eight tasks, ten workloads each, in the order of a random search.
void write_log(const fs::path& path, std::uint64_t count) {
  std::ofstream file(path, std::ios::binary);
  std::mt19937_64 random(1);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto workload = random() % 10;
    file << fmt::format(
        R"({{"input": ["c -keys=arm_cpu,cpu -device=arm_cpu -mcpu=cortex-m{} -model=stm32{}", "conv2d_{}.arm_cpu", )"
        R"([["TENSOR", [1, {}, {}, 32], "int8"], ["TENSOR", [3, 3, 32, 64], "int8"], [1, 1], [1, 1, 1, 1], [1, 1], )"
        R"("NHWC", "int32"], {{}}], "config": {{"index": {}, "code_hash": null, "entity": [["tile_ow", "sp", [-1, {}]], )"
        R"(["tile_co", "sp", [-1, {}]], ["reorder_0", "re", [0, 1, 2, 3, 4]], ["ann_reduce", "an", ["unroll", "none"]], )"
        R"(["unroll", "ot", {}]]}}, "result": [[{}], 0, {}, {}], "version": 0.2, "tvm_version": "0.14.0"}})"
        "\n",
        i % 2 == 0 ? 7 : 4, i % 2 == 0 ? "f746xx" : "l4r5xx", random() % 8, 8 << workload % 4, 8 + workload,
        random() % 100'000'000, 1 + random() % 64, 1 + random() % 64, random() % 2 == 0 ? "true" : "false",
        1e-6 * static_cast<double>(1 + random() % 1'000'000), 1 + 1e-9 * static_cast<double>(random() % 1'000'000'000),
        1672653690.25 + static_cast<double>(i));
  }
}

/// Reads the log with simdjson; returns the number of documents.
std::uint64_t read_log(const fs::path& path) {
  simdjson::dom::parser parser;
  simdjson::dom::document_stream documents;
  if (parser.load_many(path.string()).get(documents) != simdjson::SUCCESS) {
    std::exit(1);
  }
  std::uint64_t count = 0;
  for (const auto document : documents) {
    count += document.error() == simdjson::SUCCESS ? 1 : 0;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const fs::path folder = argc > 2 ? fs::path(argv[2]) : fs::temp_directory_path() / "stm32tvm-tuning-benchmark";
  fs::create_directories(folder);
  const fs::path log = folder / "tune.log";
  write_log(log, count);
  const double megabytes = static_cast<double>(fs::file_size(log)) / 1e6;

  // The import goes first: simdjson reads the whole file into memory.
  const Times start;
  const auto change = stm32tvm::TuningDatabase(folder / "tuning")
                          .import_log(log, {stm32tvm::Provenance::Measured::hardware, "", 0, "", "", ""})
                          .value();
  const Times imported;
  const double memory = peak_mebibytes();
  const Times second;
  const std::uint64_t documents = read_log(log);
  const Times read;
  const double wall = wall_seconds(second, read);
  const double processor = processor_seconds(second, read);

  fmt::print("log          {:>9} records, {:.0f} MB\n", count, megabytes);
  fmt::print("simdjson     {:>9.2f} s, {:.2f} s of processor; {} documents\n", wall, processor, documents);
  fmt::print("import       {:>9.2f} s, {:.2f} s of processor; {} read, {} refused, {} stored, at most {:.0f} MiB\n",
             wall_seconds(start, imported), processor_seconds(start, imported), change.read, change.refused,
             change.after, memory);
  fmt::print("ratio        {:>9.2f}, {:.2f} of processor\n", wall_seconds(start, imported) / wall,
             processor_seconds(start, imported) / processor);
  fs::remove_all(folder);
  return change.read == count && documents == count ? 0 : 1;
}
