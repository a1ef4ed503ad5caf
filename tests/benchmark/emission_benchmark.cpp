// SPDX-License-Identifier: Apache-2.0
// Loading an archive and emitting its network, as a library call and as a process, beside unpacking the same archive
// with tar and copying its bytes. Prints each ratio with its limit. Times are processor time, the system's share
// included, the best of 100.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime() is POSIX
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "stm32tvm/stm32tvm.hpp"

// The heap is counted below the C library's allocator, which libarchive uses too.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void __libc_free(void* memory);
}

namespace {

namespace fs = std::filesystem;

std::atomic<bool> is_heap_counted = false;
std::atomic<std::int64_t> heap_bytes = 0;
std::atomic<std::int64_t> heap_peak_bytes = 0;

std::int64_t heap_size(void* memory) noexcept {
  return is_heap_counted ? static_cast<std::int64_t>(malloc_usable_size(memory)) : 0;
}

void* counted(void* memory, std::int64_t before) noexcept {
  const std::int64_t now = heap_bytes += heap_size(memory) - before;
  if (now > heap_peak_bytes) {
    heap_peak_bytes = now;
  }
  return memory;
}

}  // namespace

extern "C" {
void* malloc(std::size_t size) noexcept {
  return counted(__libc_malloc(size), 0);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  return counted(__libc_calloc(count, size), 0);
}
void* realloc(void* memory, std::size_t size) noexcept {
  const std::int64_t before = heap_size(memory);
  return counted(__libc_realloc(memory, size), before);
}
void free(void* memory) noexcept {
  heap_bytes -= heap_size(memory);
  __libc_free(memory);
}
}

namespace {

const fs::path archive = STM32TVM_BENCHMARK_ARCHIVE;

const fs::path folders = fs::temp_directory_path() / fmt::format("stm32tvm-benchmark-{}", getpid());

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Loads, describes, plans and emits; the number of files.
std::size_t emit() {
  const auto library = stm32tvm::ModelLibrary::open(archive).value();
  const auto network = library.network().value();
  const auto plan = stm32tvm::MemoryPlan::make(network).value();
  return stm32tvm::ProjectEmitter::emit(network, plan, {}).value().files().size();
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Processor time, the system's for it included.
double seconds(const rusage& usage) {
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double own_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Runs a program to its end; what it took.
double run(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t silent;
  posix_spawn_file_actions_init(&silent);
  posix_spawn_file_actions_addopen(&silent, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  int status = 0;
  rusage usage{};
  if (posix_spawnp(&process, arguments[0], &silent, nullptr, arguments.data(), environ) != 0 ||
      wait4(process, &status, 0, &usage) != process || status != 0) {
    fmt::print(stderr, "{} failed\n", words[0]);
    std::exit(1);
  }
  posix_spawn_file_actions_destroy(&silent);
  return seconds(usage);
}

/// A call in this process.
template <class Call>
void call(benchmark::State& state, const Call& body) {
  for (auto _ : state) {
    const double before = own_seconds();
    body();
    state.SetIterationTime(own_seconds() - before);
  }
}

/// A process that fills a new folder. It stays until all is measured: a file system may take longer for new files where
/// many were just removed.
void process(benchmark::State& state, const std::vector<std::string>& words) {
  for (auto _ : state) {
    const fs::path folder = folders / std::to_string(std::distance(fs::directory_iterator(folders), {}));
    fs::create_directory(folder);
    std::vector<std::string> command = words;
    command.push_back(folder.string());
    state.SetIterationTime(run(std::move(command)));
  }
}

/// A program that has the static library inside does nothing: what loading it takes.
void start(benchmark::State& state) {
  for (auto _ : state) {
    state.SetIterationTime(run({STM32TVM_BENCHMARK_CLI, "--version"}));
  }
}

/// Keeps the shortest times, and prints all.
class Times : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& each : runs) {
      if (each.aggregate_name == "best") {
        best[each.run_name.function_name] = each.GetAdjustedRealTime();
      }
    }
  }
  std::map<std::string, double> best;
};

void print_ratio(const char* what, double found, double limit) {
  fmt::print("{:<52}{:>6.2f}   limit {:>4.1f}   {}\n", what, found, limit, found <= limit ? "holds" : "IS OVER");
}

}  // namespace

int main() {
  // Alternating, so that what else the machine does falls upon all of them.
  std::vector<std::string> options = {"emission_benchmark", "--benchmark_enable_random_interleaving=true"};
  std::vector<char*> arguments = {options[0].data(), options[1].data()};
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  fs::create_directories(folders);
  const std::string bytes = read(archive);
  std::string copy(bytes.size(), '\0');
  const auto copy_bytes = [&] {
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    benchmark::ClobberMemory();
  };
  const auto emit_once = [] { benchmark::DoNotOptimize(emit()); };
  const std::vector<std::string> tar = {"tar", "-x", "-f", archive.string(), "-C"};
  const std::vector<std::string> cli = {STM32TVM_BENCHMARK_CLI, "generate", "--quiet", "--model",
                                        archive.string(),       "--output"};
  const std::vector<std::pair<const char*, std::function<void(benchmark::State&)>>> all = {
      {"memcpy", [&](benchmark::State& state) { call(state, copy_bytes); }},
      {"tar", [&](benchmark::State& state) { process(state, tar); }},
      {"library", [&](benchmark::State& state) { call(state, emit_once); }},
      {"cli --version", [&](benchmark::State& state) { start(state); }},
      {"cli", [&](benchmark::State& state) { process(state, cli); }}};
  for (const auto& [name, body] : all) {
    benchmark::RegisterBenchmark(name, body)
        ->Iterations(1)
        ->Repetitions(100)
        ->ReportAggregatesOnly(true)
        ->ComputeStatistics("best", [](const std::vector<double>& times) { return std::ranges::min(times); })
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
  Times times;
  benchmark::RunSpecifiedBenchmarks(&times);
  fs::remove_all(folders);
  is_heap_counted = true;
  emit();
  const auto size = static_cast<double>(bytes.size());
  fmt::print("\n{}, {} bytes\n", archive.string(), bytes.size());
  for (const auto& [name, body] : all) {
    fmt::print("{:<52}{:>6.2f} ms\n", name, times.best[name]);
  }
  print_ratio("cli / tar", times.best["cli"] / times.best["tar"], 4);
  print_ratio("library / tar", times.best["library"] / times.best["tar"], 2);
  print_ratio("heap of the library call / size of the archive", static_cast<double>(heap_peak_bytes) / size, 3);
  fmt::print("{:<52}{:>6.0f}\n", "library / memcpy", times.best["library"] / times.best["memcpy"]);
}
