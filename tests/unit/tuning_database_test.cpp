// SPDX-License-Identifier: Apache-2.0
#include "stm32tvm/tuning_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tree/manifest.hpp"

using namespace stm32tvm;
namespace fs = std::filesystem;

namespace {

/// A folder that is gone after the test.
class Scratch {
 public:
  Scratch() {
    std::random_device random;
    path = fs::temp_directory_path() / fmt::format("stm32tvm-tuning-{:08x}{:08x}", random(), random());
    fs::create_directories(path);
  }
  ~Scratch() { fs::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  fs::path file(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
    return path / name;
  }
  fs::path path;
};

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// All files of a folder.
std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      files[fs::relative(entry.path(), folder).generic_string()] = text_of(entry.path());
    }
  }
  return files;
}

Provenance on_board() {
  return {Provenance::Measured::hardware, "nucleo_f746zg", 216'000'000, "arm-none-eabi-gcc 12.2.1", "-O2", ""};
}

constexpr const char* target = "c -keys=arm_cpu,cpu -mcpu=cortex-m7 -model=stm32f746xx";

std::string autotvm(int index, const std::string& costs, const std::string& timestamp = "1672653690.186004",
                    int error = 0) {
  return fmt::format(
      R"({{"input": ["{}", "dense_dsp.arm_cpu", [["TENSOR", [1, 64], "int8"], ["TENSOR", [10, 64], "int8"], null, "int32"], {{}}], )"
      R"("config": {{"index": {}, "code_hash": null, "entity": [["tile_x", "sp", [-1, {}]], ["unroll", "ot", false]]}}, )"
      R"("result": [[{}], {}, 1.644679069519043, {}], "version": 0.2, "tvm_version": "0.14.0"}})",
      target, index, index + 1, costs, error, timestamp);
}

std::string auto_scheduler(const std::string& costs) {
  return fmt::format(
      R"({{"i": [["[\"fused_dense\", [1, 64], [10, 64]]", "{}", [1, 16, 64, 0, 0, 0, 0, 0], "", 1, []], )"
      R"([[], [["CI", 2], ["SP", 3, 0, 10, [1, 5], 1], ["RE", 3, [0, 2, 1]], ["PR", 3, 0, "auto_unroll_max_step$16"]]]], )"
      R"("r": [[{}], 0, 0.900362, 1672653690], "v": "v0.6"}})",
      target, costs);
}

/// The text that was exported, or the error.
std::string exported(const TuningDatabase& database, const Scratch& scratch,
                     const TuningDatabase::LogOptions& options = {}) {
  const auto count = database.export_log(scratch.path / "exported.log", options);
  return count ? text_of(scratch.path / "exported.log") : to_string(count.error());
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a log comes back byte for byte, sorted") {
  const Scratch scratch;
  TuningDatabase database(scratch.path / "tuning");
  SUBCASE("AutoTVM: numbers, escapes, Python's words for what is no number, failures") {
    std::vector<std::string> lines = {
        autotvm(0, "0.0035256785999999997, 1e-05, 3"),
        autotvm(1, "1000000000.0", "1672653690", 7),
        replaced(autotvm(2, "0.001"), "\"int32\"", R"("caf\u00e9 \/ \\\" é, x: [1,2]")"),
        autotvm(3, "NaN, Infinity, -Infinity"),
        replaced(autotvm(4, "2.5e-3"), "\"0.14.0\"", "\"0.14.0\", \"note\": [1, 2.0]"),
    };
    const fs::path log = scratch.file("in.log", fmt::format("# a comment\n\n{}\n", fmt::join(lines, "\n")));
    std::sort(lines.begin(), lines.end());
    const auto change = database.import_log(log, on_board()).value();
    CHECK(change.read == lines.size());
    CHECK(change.refused == 0);
    CHECK(change.after == lines.size());
    CHECK(exported(database, scratch) == fmt::format("{}\n", fmt::join(lines, "\n")));
    const auto files = contents(scratch.path / "tuning");
    CHECK(files.contains("autotvm/stm32f746xx/dense_dsp.arm_cpu.jsonl"));
    CHECK(files.at(".gitattributes").find("merge=union") != std::string::npos);
  }
  SUBCASE("white space and the order of members come into TVM's form") {
    std::string line = autotvm(0, "0.5");
    line = replaced(line, "\"version\": 0.2, ", "");
    line = replaced(line, "{\"input\": [", "{ \"version\":0.2,\t\"input\" :[");
    CHECK(database.import_log(scratch.file("in.log", line + "\r\n"), on_board()).value().refused == 0);
    CHECK(exported(database, scratch) == autotvm(0, "0.5") + "\n");
  }
  SUBCASE("auto_scheduler") {
    const std::string line = auto_scheduler("0.00198047, 0.0019683") + "\n";
    CHECK(database.import_log(scratch.file("in.log", line), on_board()).value().after == 1);
    CHECK(exported(database, scratch, {RecordFormat::auto_scheduler, {}, false}) == line);
    CHECK(contents(scratch.path / "tuning").contains("auto_scheduler/stm32f746xx/fused_dense.jsonl"));
  }
}

TEST_CASE("meta-schedule's pair comes back with its records on the same modules") {
  const Scratch scratch;
  const fs::path pair = scratch.path / "pair";
  fs::create_directories(pair);
  const std::string target_json = R"({"keys":["arm_cpu","cpu"],"kind":"c","mcpu":"cortex-m7","tag":""})";
  const auto record = [&](int index, int decision, const std::string& seconds) {
    return fmt::format(
        R"([{},[[[["GetBlock",[],["dense","main"],["b0"]],["GetLoops",["b0"],[],["l1"]]],[[1,[{},8]]]],{},{},[["TENSOR","int8",[1,64]]]]])",
        index, decision, seconds, target_json);
  };
  const std::string workloads = "[\"11902308412\",\"bW9kdWxlIG9uZQ==\"]\n[\"29\",\"bW9kdWxlIHR3bw==\"]\n";
  std::ofstream(pair / "database_workload.json") << workloads;
  std::ofstream(pair / "database_tuning_record.json") << record(1, 2, "[0.00012345678901234567]") << '\n'
                                                      << record(0, 4, "[1e10]") << '\n'
                                                      << record(0, 8, "null") << '\n';
  TuningDatabase database(scratch.path / "tuning");
  CHECK(database.import_meta_schedule(pair, on_board()).value().after == 3);
  CHECK(database.validate().value().broken == 0);
  CHECK(database.export_meta_schedule(scratch.path / "out", "", {}).value() == 3);

  // Workloads may be in another order: the records' indices say so.
  const std::string out = text_of(scratch.path / "out" / "database_workload.json");
  const bool same_order = out == workloads;
  CHECK((same_order || out == "[\"29\",\"bW9kdWxlIHR3bw==\"]\n[\"11902308412\",\"bW9kdWxlIG9uZQ==\"]\n"));
  const std::string records = text_of(scratch.path / "out" / "database_tuning_record.json");
  CHECK(records.find(record(same_order ? 1 : 0, 2, "[0.00012345678901234567]") + "\n") != std::string::npos);
  CHECK(records.find(record(same_order ? 0 : 1, 4, "[1e10]") + "\n") != std::string::npos);
  CHECK(records.find(record(same_order ? 0 : 1, 8, "null") + "\n") != std::string::npos);

  SUBCASE("the best is of what was measured") {
    const auto best = database.best({}).value();
    REQUIRE(best.size() == 1);
    CHECK(best[0].seconds == doctest::Approx(0.00012345678901234567));
  }
  SUBCASE("a record of a workload that is not there is left out") {
    std::ofstream(pair / "database_tuning_record.json", std::ios::app) << record(2, 2, "[0.5]") << "\n[1]\n";
    const auto change = database.import_meta_schedule(pair, on_board()).value();
    CHECK(change.refused == 2);
    CHECK(change.diagnostics[0].where.ends_with("database_tuning_record.json:4"));
    CHECK(change.diagnostics[0].message.find("workload 2") != std::string::npos);
  }
}

TEST_CASE("sorting through temporary files gives the same folder") {
  const Scratch scratch;
  std::vector<std::string> lines;
  for (int i = 0; i < 300; ++i) {
    lines.push_back(i % 3 == 0 ? replaced(autotvm(i, "0.25"), "dense_dsp", fmt::format("task{}", i % 7))
                               : autotvm(i % 50, fmt::format("0.{}", 100 + i)));
  }
  std::mt19937 random(1);
  std::shuffle(lines.begin(), lines.end(), random);
  const fs::path log = scratch.file("in.log", fmt::format("{}\n", fmt::join(lines, "\n")));
  TuningDatabase in_memory(scratch.path / "a");
  TuningDatabase spilled(scratch.path / "b", 2000);
  CHECK(in_memory.import_log(log, on_board()).value().after == spilled.import_log(log, on_board()).value().after);
  CHECK(contents(scratch.path / "a") == contents(scratch.path / "b"));
  CHECK(contents(scratch.path / "a").size() == 1 + 1 + 7);
  // Again, and as two halves merged: nothing changes.
  CHECK(spilled.import_log(log, on_board()).value().before == in_memory.merge({}).value().after);
  const std::size_t half = lines.size() / 2;
  TuningDatabase first(scratch.path / "c");
  TuningDatabase second(scratch.path / "d");
  const auto begin = lines.begin();
  const auto middle = begin + static_cast<std::ptrdiff_t>(half);
  first.import_log(scratch.file("1.log", fmt::format("{}\n", fmt::join(begin, middle, "\n"))), on_board()).value();
  second.import_log(scratch.file("2.log", fmt::format("{}\n", fmt::join(middle, lines.end(), "\n"))), on_board())
      .value();
  first.merge({scratch.path / "d"}).value();
  CHECK(contents(scratch.path / "a") == contents(scratch.path / "b"));
  CHECK(contents(scratch.path / "a") == contents(scratch.path / "c"));
  CHECK(in_memory.validate().value().broken == 0);
}

TEST_CASE("of one key and environment the best measurement stays") {
  const Scratch scratch;
  TuningDatabase database(scratch.path / "tuning");
  const std::string log = autotvm(0, "0.3, 0.5") + "\n" + autotvm(0, "0.3, 0.4", "1672653691") + "\n" +
                          autotvm(0, "1000000000.0", "1672653600", 4) + "\n" + autotvm(0, "0.35", "1672653699") + "\n";
  CHECK(database.import_log(scratch.file("in.log", log), on_board()).value().after == 1);
  CHECK(exported(database, scratch) == autotvm(0, "0.3, 0.4", "1672653691") + "\n");

  Provenance other = on_board();
  SUBCASE("compilers are told apart, and compare") {
    other.flags = "-O3";
    CHECK(database.import_log(scratch.file("in.log", autotvm(0, "0.1")), other).value().after == 2);
    CHECK(database.best({}).value().front().seconds == doctest::Approx(0.1));
    CHECK(database.best(on_board()).value().front().seconds == doctest::Approx(0.35));
  }
  SUBCASE("hardware and emulation are never in one best-of") {
    other.measured = Provenance::Measured::emulation;
    CHECK(database.import_log(scratch.file("in.log", autotvm(0, "0.1")), other).value().after == 2);
    const auto mixed = database.best({});
    REQUIRE(!mixed);
    CHECK(mixed.error().code == ErrorCode::bad_option);
    CHECK(mixed.error().message.find("do not compare") != std::string::npos);
    CHECK(exported(database, scratch).find("do not compare") != std::string::npos);
    CHECK(database.best({Provenance::Measured::hardware, "", 0, "", "", ""}).value().front().seconds ==
          doctest::Approx(0.35));
  }
  SUBCASE("nor are two clocks") {
    other.clock_hz = 100'000'000;
    database.import_log(scratch.file("in.log", autotvm(0, "0.1")), other).value();
    CHECK(!database.best({}));
  }
}

TEST_CASE("the best is picked as TVM does: for the model and for each key, the first of equals") {
  const Scratch scratch;
  TuningDatabase database(scratch.path / "tuning");
  const std::string no_model = replaced(autotvm(5, "0.1"), " -model=stm32f746xx", "");
  const std::string log = autotvm(1, "0.2", "1672653692") + "\n" + autotvm(2, "0.2", "1672653691") + "\n" +
                          autotvm(3, "0.3") + "\n" + autotvm(4, "1000000000.0", "1672653690", 6) + "\n" + no_model;
  database.import_log(scratch.file("in.log", log), on_board()).value();
  const auto best = database.best({}).value();
  REQUIRE(best.size() == 3);
  CHECK(best[0].scope == "key arm_cpu");
  CHECK(best[0].seconds == doctest::Approx(0.1));
  CHECK(best[1].scope == "key cpu");
  CHECK(best[2].scope == "model stm32f746xx");
  CHECK(best[2].record.find("\"index\": 2,") != std::string::npos);
  CHECK(exported(database, scratch, {RecordFormat::autotvm, {}, true}) ==
        no_model + "\n" + autotvm(2, "0.2", "1672653691") + "\n");

  const std::string file = database.export_tophub(scratch.path / "hub", "arm_cpu", {}).value();
  CHECK(file == "arm_cpu_v0.08.log");
  CHECK(text_of(scratch.path / "hub" / file) == text_of(scratch.path / "exported.log"));
  CHECK(database.export_tophub(scratch.path / "hub", "stm32", {}).error().message.find("arm_cpu") != std::string::npos);

  const auto rows = database.statistics().value();
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].records == 4);
  CHECK(rows[1].failed == 1);
  CHECK(rows[1].workloads == 1);
  CHECK(*rows[1].least_seconds == doctest::Approx(0.2));
}

TEST_CASE("a line that is no record is told with its place, and the rest goes on") {
  const Scratch scratch;
  TuningDatabase database(scratch.path / "tuning");
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"{\"input\": [\"c\", ", "not JSON"},
      {"[1, 2]", "an array where a record"},
      {"tab\tseparated\tpickle", "not JSON"},
      {R"({"i": ["c", "t"], "r": [[1], 0, 1, 1], "v": 0.1})", "neither AutoTVM's version 0.2"},
      {replaced(autotvm(0, "1"), "0.2,", "0.3,"), "version 0.2"},
      {replaced(autotvm(0, "1"), "\"result\"", "\"resu\""), "lacks one of the members"},
      {replaced(autotvm(0, "1"), "\"version\"", "\"config\": 1, \"version\""), "\"config\" twice"},
      {replaced(autotvm(0, "1"), "\"dense_dsp.arm_cpu\"", "7"), "task name is a number"},
      {replaced(autotvm(0, "1"), "\"0.14.0\"", "\"0.14.0\", \"provenance\": {\"measured\": \"guess\"}"), "emulation"},
      {"<<<<<<< HEAD", "conflict marker"},
  };
  std::string log;
  for (const auto& [line, words] : bad) {
    log += line + "\n" + autotvm(static_cast<int>(log.size()), "0.5") + "\n";
  }
  const auto change = database.import_log(scratch.file("in.log", log), on_board()).value();
  CHECK(change.refused == bad.size());
  CHECK(change.after == bad.size());
  REQUIRE(change.diagnostics.size() == bad.size());
  for (std::size_t i = 0; i < bad.size(); ++i) {
    CHECK(change.diagnostics[i].where.ends_with(fmt::format("in.log:{}", 2 * i + 1)));
    CHECK_MESSAGE(change.diagnostics[i].message.find(bad[i].second) != std::string::npos,
                  change.diagnostics[i].message);
  }
  CHECK(database.import_log(scratch.path / "in.log", {}).value().refused == 2 * bad.size());
  CHECK(database.import_log(scratch.path / "absent.log", on_board()).error().code == ErrorCode::cannot_read);
  Provenance incomplete;
  incomplete.board = "b";
  CHECK(database.import_log(scratch.path / "in.log", incomplete).error().code == ErrorCode::bad_option);
}

TEST_CASE("validate rejects") {
  const Scratch scratch;
  TuningDatabase database(scratch.path / "tuning");
  const std::string log = autotvm(0, "0.5") + "\n" + auto_scheduler("0.5") + "\n";
  database.import_log(scratch.file("in.log", log), on_board()).value();
  CHECK(database.validate().value().records == 2);
  CHECK(database.validate().value().broken == 0);
  const std::string tvm = "autotvm/stm32f746xx/dense_dsp.arm_cpu.jsonl";
  const std::string ansor = "auto_scheduler/stm32f746xx/fused_dense.jsonl";
  struct Rule {
    std::string file;
    std::string from;
    std::string to;
    std::string words;
  };
  const std::vector<Rule> rules = {
      {tvm, "\"input\": [", "\"input\": ", "not JSON"},
      {tvm, "{\"input\"", ">>>>>>> {\"input\"", "conflict marker"},
      {tvm, "\"version\": 0.2", "\"version\": 0.3", "version 0.2"},
      {tvm, ", {}]", "]", "the input is not"},
      {tvm, "\"sp\"", "\"split\"", "none of sp, re, an, ot"},
      {tvm, "[\"tile_x\", \"sp\", [-1, 1]]", "[\"tile_x\"]", "not [name, kind, value]"},
      {tvm, "[-1, 1]", "[-1, 0]", "no list of sizes"},
      {tvm, "[\"tile_x\", \"sp\", [-1, 1]]", "[\"o\", \"re\", [0, 2]]", "each of its places once"},
      {tvm, "[\"tile_x\", \"sp\", [-1, 1]]", "[\"o\", \"an\", 3]", "is no list"},
      {tvm, "\"entity\"", "\"entities\"", "no list of entities"},
      {tvm, "\"index\": 0", "\"index\": -1", "no index"},
      {tvm, "[[0.5], 0,", "[[NaN], 0,", "times are not all seconds"},
      {tvm, "[[0.5], 0,", "[[0.0], 0,", "times are not all seconds"},
      {tvm, "[[0.5], 0,", "[[1000000000.0], 0,", "times are not all seconds"},
      {tvm, "[[0.5], 0,", "[[0.5], 4,", "not the 1e9"},
      {tvm, "[[0.5], 0,", "[[1000000000.0], 9,", "none of 0 to 8"},
      {tvm, "1.644679069519043", "-1", "time that the measurement took"},
      {tvm, "1672653690.186004", "12", "time stamp"},
      {tvm, "1672653690.186004", "1672653690.186004, 1", "the result is not"},
      {tvm, "stm32f746xx\"", "unknown\"", "never matches"},
      {tvm, " -mcpu=cortex-m7 -model=stm32f746xx", "", "neither -model nor -mcpu"},
      {tvm, "\"c -keys=arm_cpu,cpu", "\"-keys=arm_cpu,cpu", "does not start with its kind"},
      {tvm, "\"measured\": \"hardware\", ", "", "does not say what"},
      {tvm, "\"measured\": \"hardware\"", "\"measured\": \"dream\"", "must be \"hardware\" or"},
      {tvm, "\"clock_hz\": 216000000", "\"clock_hz\": -1", "number of hertz"},
      {tvm, "\"board\"", "\"bord\"", "\"bord\""},
      {tvm, "\"dense_dsp.arm_cpu\"", "\"conv.arm_cpu\"", "belongs into autotvm/stm32f746xx/conv.arm_cpu.jsonl"},
      {tvm, ", \"config\"", ",  \"config\"", "not in the database's form"},
      {ansor, "\"v0.6\"", "\"v0.5\"", "v0.6"},
      {ansor, "[1, 16, 64, 0, 0, 0, 0, 0]", "[1, 16]", "eight whole numbers"},
      {ansor, "[\"CI\", 2]", "[\"XX\", 2]", "none that auto_scheduler knows"},
      {ansor, "\"[\\\"fused_dense\\\", [1, 64], [10, 64]]\"", "\"fused_dense\"", "workload key"},
      {ansor, "\"v\": \"v0.6\"", "\"v\": \"v0.6\", \"note\": 1", "gives up"},
      {ansor, "[[], [[", "[[[", "the input is not"},
  };
  for (const Rule& rule : rules) {
    CAPTURE(rule.words);
    const std::string text = text_of(scratch.path / "tuning" / rule.file);
    std::ofstream(scratch.path / "tuning" / rule.file) << replaced(text, rule.from, rule.to);
    const auto findings = database.validate().value();
    CHECK(findings.broken > 0);
    const bool told = std::any_of(findings.diagnostics.begin(), findings.diagnostics.end(), [&](const auto& each) {
      return each.message.find(rule.words) != std::string::npos && each.where.ends_with(rule.file + ":1");
    });
    CHECK_MESSAGE(told, findings.diagnostics.front().message);
    std::ofstream(scratch.path / "tuning" / rule.file) << text;
  }

  SUBCASE("two records of one key, and tells that lines are not sorted") {
    const std::string line = text_of(scratch.path / "tuning" / tvm);
    std::ofstream(scratch.path / "tuning" / tvm)
        << replaced(line, "[[0.5], 0", "[[0.7], 0") << replaced(line, "\"index\": 0", "\"index\": 00") << line;
    const auto findings = database.validate().value();
    CHECK(findings.broken == 2);
    CHECK(findings.diagnostics.back().message.find("same key") != std::string::npos);
    CHECK(std::any_of(findings.diagnostics.begin(), findings.diagnostics.end(), [](const Diagnostic& each) {
      return each.kind == Diagnostic::Kind::note && each.message.find("not sorted") != std::string::npos;
    }));
    const auto change = database.merge({}).value();
    CHECK(change.refused == 1);  // 00 is no number of JSON
    CHECK(database.validate().value().broken == 0);
    CHECK(text_of(scratch.path / "tuning" / tvm) == line);
  }
}

TEST_CASE("validate rejects meta-schedule's records without workload, and workloads under a wrong name") {
  const Scratch scratch;
  fs::create_directories(scratch.path / "pair");
  std::ofstream(scratch.path / "pair" / "database_workload.json") << "[\"7\",\"bW9kdWxl\"]\n";
  std::ofstream(scratch.path / "pair" / "database_tuning_record.json")
      << R"([0,[[[["GetBlock",[],["d","main"],["b0"]]],[]],[0.5],{"kind":"c","mcpu":"cortex-m4"},[["TENSOR","int8",[1]]]]])";
  TuningDatabase database(scratch.path / "tuning");
  database.import_meta_schedule(scratch.path / "pair", on_board()).value();
  const std::string hash = hash_of("bW9kdWxl");
  const fs::path record = scratch.path / "tuning" / "meta_schedule" / "cortex-m4" / (hash + ".jsonl");
  const fs::path workload = scratch.path / "tuning" / "workloads" / (hash + ".jsonl");
  CHECK(database.validate().value().broken == 0);
  const auto broken = [&](const fs::path& file, const std::string& from, const std::string& to) {
    const std::string text = text_of(file);
    std::ofstream(file) << replaced(text, from, to);
    const auto findings = database.validate().value();
    std::ofstream(file) << text;
    return findings.diagnostics.empty() ? "" : findings.diagnostics.front().message;
  };
  CHECK(broken(workload, "bW9kdWxl", "bW9kdWxm").find("hash is not the file's name") != std::string::npos);
  CHECK(broken(workload, "[\"7\"", "[7").find("not a workload") != std::string::npos);
  CHECK(broken(record, "[[\"GetBlock\", [], [\"d\", \"main\"], [\"b0\"]]]", "[]").find("the trace") !=
        std::string::npos);
  CHECK(broken(record, "\"TENSOR\"", "\"SCALAR\"").find("an argument") != std::string::npos);
  CHECK(broken(record, "[0.5]", "[-0.5]").find("times are not all") != std::string::npos);
  fs::remove(workload);
  CHECK(database.validate().value().diagnostics.at(0).message.find("workload, workloads/") != std::string::npos);
}
