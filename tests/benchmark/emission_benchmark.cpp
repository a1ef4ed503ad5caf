// SPDX-License-Identifier: Apache-2.0
// Loading an archive and emitting its network, as a library call and as a process, beside unpacking the same archive
// with tar and copying its bytes. Prints each ratio with its limit.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <malloc.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

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

std::atomic<std::int64_t> heap_bytes = 0;
std::atomic<std::int64_t> heap_peak_bytes = 0;

void* counted(void* memory, std::int64_t before) noexcept {
  const std::int64_t now = heap_bytes += static_cast<std::int64_t>(malloc_usable_size(memory)) - before;
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
  const auto before = static_cast<std::int64_t>(malloc_usable_size(memory));
  return counted(__libc_realloc(memory, size), before);
}
void free(void* memory) noexcept {
  heap_bytes -= static_cast<std::int64_t>(malloc_usable_size(memory));
  __libc_free(memory);
}
}

namespace {

const fs::path archive = STM32TVM_BENCHMARK_ARCHIVE;

fs::path fresh_folder() {
  fs::path folder = fs::temp_directory_path() / fmt::format("stm32tvm-benchmark-{}", getpid());
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

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

/// Runs a program to its end.
void run(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  pid_t process = 0;
  int status = 0;
  if (posix_spawnp(&process, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0 ||
      waitpid(process, &status, 0) != process || status != 0) {
    fmt::print(stderr, "{} failed\n", words[0]);
    std::exit(1);
  }
}

void copy_bytes(benchmark::State& state) {
  const std::string bytes = read(archive);
  std::string copy(bytes.size(), '\0');
  for (auto _ : state) {
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    benchmark::ClobberMemory();
  }
}

void library_call(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(emit());
  }
}

/// A process that fills a new folder.
void process(benchmark::State& state, const std::vector<std::string>& words) {
  for (auto _ : state) {
    state.PauseTiming();
    const fs::path folder = fresh_folder();
    std::vector<std::string> command = words;
    command.push_back(folder.string());
    state.ResumeTiming();
    run(std::move(command));
  }
  fs::remove_all(fresh_folder());
}

/// Keeps the times, which it prints too.
class Times : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& each : runs) {
      if (each.aggregate_name == "median") {
        seconds[each.run_name.function_name] = each.GetAdjustedRealTime();
      }
    }
  }
  std::map<std::string, double> seconds;
};

void print_ratio(const char* what, double found, double limit) {
  fmt::print("{:<52}{:>6.2f}   limit {:>4.1f}   {}\n", what, found, limit, found <= limit ? "holds" : "IS OVER");
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const std::vector<std::pair<const char*, std::function<void(benchmark::State&)>>> all = {
      {"memcpy", copy_bytes},
      {"tar",
       [](benchmark::State& state) {
         process(state, {"tar", "-x", "-f", archive.string(), "-C"});
       }},
      {"library", library_call},
      {"cli", [](benchmark::State& state) {
         process(state, {STM32TVM_BENCHMARK_CLI, "generate", "--quiet", "--model", archive.string(), "--output"});
       }}};
  for (const auto& [name, body] : all) {
    benchmark::RegisterBenchmark(name, body)
        ->Repetitions(9)
        ->ReportAggregatesOnly(true)
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }
  Times times;
  benchmark::RunSpecifiedBenchmarks(&times);
  const std::int64_t before = heap_bytes;
  heap_peak_bytes = before;
  emit();
  const auto size = static_cast<double>(fs::file_size(archive));
  fmt::print("\n{}, {:.0f} bytes\n", archive.string(), size);
  print_ratio("command line / tar x", times.seconds["cli"] / times.seconds["tar"], 4);
  print_ratio("library call / tar x", times.seconds["library"] / times.seconds["tar"], 2);
  print_ratio("heap of the library call / size of the archive", static_cast<double>(heap_peak_bytes - before) / size,
              3);
  fmt::print("{:<52}{:>6.0f}\n", "library call / memcpy", times.seconds["library"] / times.seconds["memcpy"]);
}
