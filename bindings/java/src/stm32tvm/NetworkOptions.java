// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/** How a module becomes a network. */
public final class NetworkOptions extends Options<NetworkOptions> {
  /** Everything is left to the library. */
  public NetworkOptions() {}

  /**
   * Leaves constants in the types that the archive has them in, also where narrower ones hold their values.
   *
   * @param keep whether to leave them
   * @return these options
   */
  public NetworkOptions keepConstants(boolean keep) {
    return set("keep_constants", keep);
  }
}
