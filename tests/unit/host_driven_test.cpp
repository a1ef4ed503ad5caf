// SPDX-License-Identifier: Apache-2.0
#include "stm32tvm/host_driven.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "emit/uart.hpp"

using namespace stm32tvm;

namespace {

ModelLibrary open(const char* variant) {
  return ModelLibrary::open(std::filesystem::path(STM32TVM_SOURCE_DIR) / "tests/data/digits_int8" / variant).value();
}

HostDrivenOptions options_for(const char* target) {
  HostDrivenOptions options;
  options.target = find_target(target).value();
  return options;
}

}  // namespace

TEST_CASE("host-driven firmware holds the archive's sources as they are, and each once in its build") {
  const ModelLibrary library = open("aot_packed.tar");
  const auto tree = emit_host_driven(library, "default", options_for("netduinoplus2")).value();
  const std::string build(tree.find("build.ninja")->view());
  for (const Archive::Member& source : library.modules()[0].sources) {
    const std::string path = "model" + source.path.substr(source.path.rfind('/'));
    REQUIRE(tree.find(path) != nullptr);
    CHECK(*tree.find(path) == source.contents);
    CHECK(build.find("build build/" + path + ".o: compile_kernels " + path) != std::string::npos);
  }
  CHECK(tree.find("runtime/stvm.c") == nullptr);
  CHECK(emit_host_driven(library, "", options_for("netduinoplus2")).value() == tree);
}

TEST_CASE("what a host cannot drive is refused with what to do") {
  const auto error = [](const char* variant, const char* target, HostDrivenOptions options = {}) {
    options.target = find_target(target).value();
    const auto tree = emit_host_driven(open(variant), "", options);
    REQUIRE_FALSE(tree.has_value());
    return tree.error().message;
  };
  CHECK(error("graph.tar", "netduinoplus2").find("TVMSystemLibEntryPoint") != std::string::npos);
  CHECK(error("aot_c_syslib.tar", "netduinoplus2").find("packed") != std::string::npos);
  CHECK(error("operator.tar", "mps2-an386").find("serial port") != std::string::npos);
  HostDrivenOptions quote;
  quote.kernel_options = {"-DX='"};
  CHECK(error("operator.tar", "netduinoplus2", quote).find("quote") != std::string::npos);
  const auto other = emit_host_driven(open("operator.tar"), "other", options_for("netduinoplus2"));
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().code == ErrorCode::bad_option);
}

TEST_CASE("a serial port is set up with both its pins") {
  const auto settings = serial_settings(find_target("nucleo-f746zg").value()).value();
  // USART3 of an STM32F7, with one data register for each direction; PD8 and PD9.
  CHECK(settings.at("ADDRESS") == "0x40004800");
  CHECK(settings.at("RECEIVE") == "0x24");
  CHECK(settings.at("PINS") == "{0x40020c00u, 8, 7}, {0x40020c00u, 9, 7}");
  CHECK(settings.at("DIVISOR") == "139");  // 16 MHz / 115200
}

TEST_CASE("a pin on another port has that port's clock") {
  const auto settings = serial_settings(find_target("stm32f746g-disco").value()).value();
  CHECK(settings.at("PINS") == "{0x40020000u, 9, 7}, {0x40020400u, 7, 7}");
  CHECK(settings.at("BITS_TO_SET").find("{0x40023830u, 0}, {0x40023830u, 1}") != std::string::npos);
  CHECK(serial_settings(find_target("nucleo-l432kc").value()).value().at("PINS") ==
        "{0x48000000u, 2, 7}, {0x48000000u, 15, 3}");
}
