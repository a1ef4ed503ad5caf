// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/** What is emitted. docs/c-abi.md of the project lists the words. */
public final class EmitOptions extends Options<EmitOptions> {
  /** Everything is left to the library. */
  public EmitOptions() {}

  /**
   * Prefix of every file and symbol.
   *
   * @param name a C identifier; "network" when it is not set
   * @return these options
   */
  public EmitOptions name(String name) {
    return set("name", name);
  }

  /**
   * Names of several networks, in place of the name and their modules' names.
   *
   * @param names one for each network, in their order
   * @return these options
   */
  public EmitOptions names(String... names) {
    return set("names", names);
  }

  /**
   * What the application programs against.
   *
   * @param api "tvm", "st-ai" or "legacy"
   * @return these options
   */
  public EmitOptions cApi(String api) {
    return set("c_api", api);
  }

  /**
   * How weights come into the image.
   *
   * @param form "incbin", "c-array", "elf", "binary" or "hex"
   * @return these options
   */
  public EmitOptions weights(String form) {
    return set("weights", form);
  }

  /**
   * Adds the firmware of a board.
   *
   * @param board the name of one of {@link Target#all}
   * @return these options
   */
  public EmitOptions target(String board) {
    return set("target", board);
  }

  /**
   * What builds the files.
   *
   * @param system "cmake", "make", "zephyr", "cubeide" and others
   * @return these options
   */
  public EmitOptions buildSystem(String system) {
    return set("build_system", system);
  }

  /**
   * What the firmware does.
   *
   * @param application "golden-check", "minimal", "performance", "validation" or "self-test"
   * @return these options
   */
  public EmitOptions application(String application) {
    return set("application", application);
  }

  /**
   * Where the firmware's text goes.
   *
   * @param console "automatic", "semihosting", "uart" or "application"
   * @return these options
   */
  public EmitOptions console(String console) {
    return set("console", console);
  }

  /**
   * Over a budget a call fails with {@link ErrorCode#DOES_NOT_FIT}.
   *
   * @param json at most so much: {"ram_bytes": 65536, "flash_bytes": 524288, "ticks": 1000000}, each or not
   * @return these options
   * @throws com.google.gson.JsonParseException if it is no JSON
   */
  public EmitOptions budget(String json) {
    return option("budget", json);
  }

  /**
   * The kernels' compiler options.
   *
   * @param json as "stm32tvm tune" writes them
   * @return these options
   * @throws com.google.gson.JsonParseException if it is no JSON
   */
  public EmitOptions kernelProfile(String json) {
    return option("kernel_profile", json);
  }

  /**
   * What the device checks itself against.
   *
   * @param table text that the emitted self_test/record.cmake wrote
   * @return these options
   */
  public EmitOptions selfTestTable(String table) {
    return set("self_test_table", table);
  }

  /**
   * Boards of your own, to take the target from first.
   *
   * @param json a table in the form of docs/boards.md
   * @return these options
   * @throws com.google.gson.JsonParseException if it is no JSON
   */
  public EmitOptions boards(String json) {
    return option("boards", json);
  }
}
