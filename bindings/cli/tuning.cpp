// SPDX-License-Identifier: Apache-2.0
// stm32tvm tuning: the tuning database.
#include <fmt/format.h>

#include <map>
#include <memory>

#include "commands.hpp"
#include "support/relative_path.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

struct TuningArguments {
  std::filesystem::path database = "tuning";
  std::vector<std::filesystem::path> inputs;
  Provenance provenance;
  TuningDatabase::LogOptions log;
  std::filesystem::path log_output;
  std::filesystem::path tophub_output;
  std::filesystem::path meta_schedule_output;
  std::string backend = "arm_cpu";
  std::string target;
};

void print(const Diagnostic& diagnostic) {
  fmt::print("{}: {}\n", shown(diagnostic.where), diagnostic.message);
}

void print(const TuningChange& change) {
  for (const Diagnostic& diagnostic : change.diagnostics) {
    print(diagnostic);
  }
  fmt::print("{} records read, {} lines left out; the files that were touched held {} records and hold {}\n",
             grouped(change.read), grouped(change.refused), grouped(change.before), grouped(change.after));
}

std::string milliseconds(double seconds) {
  return fmt::format("{:.4f}", seconds * 1e3);
}

/// Texts of records may be long; the table shows their beginning.
std::string cell(std::string_view text, std::size_t width) {
  std::string shown_text = shown(text);
  if (shown_text.size() > width) {
    shown_text.resize(width - 2);
    shown_text += "..";
  }
  return shown_text;
}

Result<void> import_records(const TuningArguments& arguments) {
  TuningDatabase database(arguments.database);
  for (const std::filesystem::path& input : arguments.inputs) {
    STM32TVM_TRY(change, std::filesystem::is_directory(input)
                             ? database.import_meta_schedule(input, arguments.provenance)
                             : database.import_log(input, arguments.provenance));
    print(change);
  }
  return {};
}

Result<void> merge(const TuningArguments& arguments) {
  STM32TVM_TRY(change, TuningDatabase(arguments.database).merge(arguments.inputs));
  print(change);
  return {};
}

Result<void> validate(const TuningArguments& arguments) {
  STM32TVM_TRY(findings, TuningDatabase(arguments.database).validate());
  for (const Diagnostic& diagnostic : findings.diagnostics) {
    print(diagnostic);
  }
  if (findings.broken != 0) {
    return Error{ErrorCode::bad_json,
                 fmt::format("{} faults in {} records", grouped(findings.broken), grouped(findings.records)),
                 arguments.database.string()};
  }
  fmt::print("{} records, no fault\n", grouped(findings.records));
  return {};
}

Result<void> print_best(const TuningArguments& arguments) {
  STM32TVM_TRY(best, TuningDatabase(arguments.database).best(arguments.provenance));
  fmt::print("{:>12}  {:<24}  {}\n", "best, ms", "looked up by", "workload");
  for (const BestRecord& each : best) {
    fmt::print("{:>12}  {:<24}  {}\n", milliseconds(each.seconds), cell(each.scope, 24), cell(each.workload, 150));
  }
  return {};
}

Result<void> print_statistics(const TuningArguments& arguments) {
  STM32TVM_TRY(rows, TuningDatabase(arguments.database).statistics());
  fmt::print("{:<14}  {:<32}  {:<28}  {:<9}  {:>9}  {:>9}  {:>8}  {:>12}\n", "format", "target", "task", "measured",
             "workloads", "records", "failed", "best, ms");
  for (const TaskStatistics& row : rows) {
    fmt::print("{:<14}  {:<32}  {:<28}  {:<9}  {:>9}  {:>9}  {:>8}  {:>12}\n", name(row.format), cell(row.target, 32),
               cell(row.task, 28), row.measured == Provenance::Measured::hardware ? "hardware" : "emulation",
               grouped(row.workloads), grouped(row.records), grouped(row.failed),
               row.least_seconds ? milliseconds(*row.least_seconds) : "-");
  }
  return {};
}

Result<void> export_records(const TuningArguments& arguments) {
  const TuningDatabase database(arguments.database);
  if (!arguments.log_output.empty()) {
    TuningDatabase::LogOptions options = arguments.log;
    options.filter = arguments.provenance;
    STM32TVM_TRY(count, database.export_log(arguments.log_output, options));
    fmt::print("{}: {} records\n", arguments.log_output.string(), grouped(count));
  }
  if (!arguments.tophub_output.empty()) {
    STM32TVM_TRY(file, database.export_tophub(arguments.tophub_output, arguments.backend, arguments.provenance));
    const std::filesystem::path folder = std::filesystem::absolute(arguments.tophub_output);
    fmt::print("{}\nfor TVM: TOPHUB_LOCATION=file://{}\n", (arguments.tophub_output / file).string(),
               folder.generic_string());
  }
  if (!arguments.meta_schedule_output.empty()) {
    STM32TVM_TRY(count,
                 database.export_meta_schedule(arguments.meta_schedule_output, arguments.target, arguments.provenance));
    fmt::print("{}: {} records\n", arguments.meta_schedule_output.string(), grouped(count));
  }
  return {};
}

void add_provenance_options(CLI::App& command, Provenance& provenance) {
  static const std::map<std::string, Provenance::Measured> measured = {{"hardware", Provenance::Measured::hardware},
                                                                       {"emulation", Provenance::Measured::emulation}};
  command.add_option("--measured", provenance.measured, "what the times were measured on")
      ->transform(CLI::CheckedTransformer(measured))
      ->type_name("hardware|emulation");
  command.add_option("--board", provenance.board, "name of the board")->type_name("NAME");
  command.add_option("--clock", provenance.clock_hz, "clock of its core")->type_name("HERTZ");
  command.add_option("--compiler", provenance.compiler, "compiler and its version")->type_name("TEXT");
  command.add_option("--flags", provenance.flags, "the compiler's flags")->type_name("TEXT");
  command.add_option("--tvm-version", provenance.tvm_version, "TVM's version, where records do not hold it")
      ->type_name("VERSION");
}

/// A verb under `tuning`, with the option that all have.
CLI::App& add_verb(CLI::App& tuning, Action& action, const std::shared_ptr<TuningArguments>& arguments,
                   const char* name, const char* description, Result<void> (*run)(const TuningArguments&)) {
  CLI::App& command = *tuning.add_subcommand(name, description);
  command.add_option("-d,--database", arguments->database, "folder of the database")
      ->type_name("DIR")
      ->capture_default_str();
  command.callback([arguments, &action, run] { action = [arguments, run] { return run(*arguments); }; });
  return command;
}

}  // namespace

void add_tuning(CLI::App& program, Action& action) {
  CLI::App& tuning = *program.add_subcommand("tuning", "keep tuning records in a folder");
  tuning.require_subcommand(1);
  auto arguments = std::make_shared<TuningArguments>();

  CLI::App& importing = add_verb(tuning, action, arguments, "import", "add records of TVM's tuners", import_records);
  importing.add_option("inputs", arguments->inputs, "logs, or folders with meta-schedule's two files")
      ->required()
      ->type_name("PATH");
  add_provenance_options(importing, arguments->provenance);

  CLI::App& merging = add_verb(tuning, action, arguments, "merge",
                               "add other databases, and bring the files into their canonical form", merge);
  merging.add_option("others", arguments->inputs, "folders of other databases")->type_name("DIR");

  add_verb(tuning, action, arguments, "validate", "check every record; fails when one is bad", validate);

  CLI::App& best = add_verb(tuning, action, arguments, "best", "show the records that TVM would pick", print_best);
  add_provenance_options(best, arguments->provenance);

  CLI::App& exporting = add_verb(tuning, action, arguments, "export", "write files that TVM reads", export_records);
  CLI::Option_group& outputs = *exporting.add_option_group("output");
  outputs.require_option(1);
  outputs.add_option("--log", arguments->log_output, "log for --tuning-records or apply_history_best")
      ->type_name("FILE");
  outputs.add_option("--tophub", arguments->tophub_output, "folder for TOPHUB_LOCATION, with the best AutoTVM records")
      ->type_name("DIR");
  outputs.add_option("--meta-schedule", arguments->meta_schedule_output, "folder for meta-schedule's two files")
      ->type_name("DIR");
  static const std::map<std::string, RecordFormat> formats = {{"autotvm", RecordFormat::autotvm},
                                                              {"auto_scheduler", RecordFormat::auto_scheduler}};
  exporting.add_option("--format", arguments->log.format, "records of the log")
      ->transform(CLI::CheckedTransformer(formats))
      ->type_name("autotvm|auto_scheduler")
      ->default_str("autotvm");
  exporting.add_flag("--best", arguments->log.best, "only the log's best records");
  exporting.add_option("--backend", arguments->backend, "package of --tophub")
      ->type_name("NAME")
      ->capture_default_str();
  exporting.add_option("--target", arguments->target, "target of --meta-schedule: name of its folder in the database")
      ->type_name("NAME");
  add_provenance_options(exporting, arguments->provenance);

  add_verb(tuning, action, arguments, "stats", "show what there is", print_statistics);
}

}  // namespace stm32tvm::cli
