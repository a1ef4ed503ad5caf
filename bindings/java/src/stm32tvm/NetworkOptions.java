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

  /**
   * Where weights are kept. All are in the image when it is not set.
   *
   * @param json groups in the form of docs/weights.md: [{"place": "external", "address": "0x90000000"}]
   * @return these options
   * @throws com.google.gson.JsonParseException if it is no JSON
   */
  public NetworkOptions weightsGroups(String json) {
    return option("weights_groups", json);
  }
}
