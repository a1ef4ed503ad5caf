// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/** Is told of the progress of a call, by the thread that made the call. */
@FunctionalInterface
public interface ProgressListener {
  /**
   * Something was done. What this method throws stops the call and comes out of it.
   *
   * @param progress how far the call has come
   * @return whether to go on; after false the call throws {@link ErrorCode#CANCELLED}
   */
  boolean onProgress(Progress progress);
}
