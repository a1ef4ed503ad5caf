// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One set of inputs with the outputs they should give, for the firmware to check. Each tensor is the rest of a buffer:
 * the bytes of its elements, little-endian, in C order.
 *
 * @param inputs one for each input of the network
 * @param outputs one for each output, or none: then the firmware only reports
 * @param network of several networks, the place of the one that it is for
 */
public record Sample(List<ByteBuffer> inputs, List<ByteBuffer> outputs, int network) {
  /**
   * A sample for the only network, or the first.
   *
   * @param inputs one for each input of the network
   * @param outputs one for each output, or none: then the firmware only reports
   */
  public Sample(List<ByteBuffer> inputs, List<ByteBuffer> outputs) {
    this(inputs, outputs, 0);
  }
}
