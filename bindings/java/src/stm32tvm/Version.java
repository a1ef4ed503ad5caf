// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/** Versions of the library that is loaded. */
public final class Version {
  private Version() {}

  /**
   * The library's version.
   *
   * @return such as "1.0.0"
   */
  public static String library() {
    return Calls.api.stm32tvm_version();
  }

  /**
   * Emitted networks and device runtimes of the same number fit each other.
   *
   * @return the number
   */
  public static int contract() {
    return Calls.api.stm32tvm_contract_version();
  }

  /**
   * The lowest version of the Model Library Format that is read.
   *
   * @return the version
   */
  public static int minimumFormat() {
    return Calls.api.stm32tvm_format_version_minimum();
  }

  /**
   * The highest version of the Model Library Format that is read.
   *
   * @return the version
   */
  public static int maximumFormat() {
    return Calls.api.stm32tvm_format_version_maximum();
  }
}
