// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.util.List;

/**
 * A board that firmware is emitted for.
 *
 * @param name for {@link EmitOptions#target}
 * @param description a line for people
 * @param part the microcontroller
 */
public record Target(String name, String description, String part) {
  /**
   * The boards that the library knows.
   *
   * @return sorted by name
   * @throws Stm32tvmException if memory runs out
   */
  public static List<Target> all() throws Stm32tvmException {
    return List.of(Calls.record(Target[].class, Calls.text(Calls.api::stm32tvm_targets_to_json)));
  }
}
